// N rows, M scored rows, D model, V vocabulary
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Configuration;
using Forge.Learning.Model.Parts;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>The MiniMax-M2 policy: one definition for training, scoring and portable decoding.</summary>
/// <remarks>
/// Rows are tokens of any number of sequences, packed without padding; the layout says who sees whom. Built on its
/// device in its
/// dtype, and stays there. Not thread-safe while its weights change.
/// </remarks>
public sealed class MiniMaxM2ForCausalLM : nn.Module
{
    private readonly MiniMaxM2Backbone _backbone;
    private readonly LmHead _head;

    /// <summary>
    /// Builds the model with zero weights and unit norms; <see cref="FreshWeights"/> or a checkpoint fills them.
    /// </summary>
    /// <param name="config">The shape.</param>
    /// <param name="placement">Device and precision.</param>
    /// <param name="kernels">The arithmetic; null takes the fastest that fits the placement.</param>
    public MiniMaxM2ForCausalLM(M2Config config, ModelPlacement placement, ModelKernels? kernels = null)
        : base(nameof(MiniMaxM2ForCausalLM))
    {
        M2ConfigRules.Check(config, "The configuration");
        (Config, Placement) = (config, placement);
        Kernels = kernels ?? KernelChoice.For(placement);
        _backbone = new MiniMaxM2Backbone("model", config, placement, Kernels);
        _head = new LmHead("lm_head", config.VocabSize, config.HiddenSize, placement, Kernels);
        register_module("model", _backbone);
        register_module("lm_head", _head);
    }

    public M2Config Config { get; }

    public ModelPlacement Placement { get; }

    public ModelKernels Kernels { get; }

    public MiniMaxM2Backbone Backbone => _backbone;

    public IReadOnlyList<DecoderLayer> Layers => _backbone.Layers;

    public LmHead Head => _head;

    /// <summary>Runs all rows; differentiable.</summary>
    /// <returns>Hidden rows after the final norm, in the model's dtype; they belong to the caller's dispose
    /// scope.</returns>
    /// <exception cref="ArgumentException">Ids, positions and layout disagree about the number of rows.</exception>
    public Tensor Forward(ModelInput input, ForwardTrace? trace = null)
    {
        var (ids, positions, rows) = (input.Ids_N.shape[0], input.Positions_N.shape[0], input.Layout.RowCount);
        return ids == rows && positions == rows
            ? _backbone.Forward(input, trace)
            : throw new ArgumentException($"Got {ids} ids and {positions} positions for a layout of {rows} rows.", nameof(input));
    }

    /// <summary>
    /// Runs rows against a key/value cache, writing their keys and values into it; without gradients.
    /// </summary>
    /// <returns>Hidden rows after the final norm, in row order.</returns>
    public Tensor ForwardCached(CachedRows rows, KvCache cache, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var layout = new CachedLayout(rows, cache, Placement.Device);
        var ids_N = IndexTensor.Of(rows.Ids, Placement.Device);
        var positions_N = IndexTensor.Of(rows.Positions, Placement.Device);
        return _backbone.Forward(new ModelInput(ids_N, positions_N, layout), trace).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of hidden rows, in at least fp32.</summary>
    public Tensor Logits(Tensor hidden_ND) => _head.Forward(hidden_ND);

    /// <summary>Log-probability of each row's next token, and the entropy of its distribution.</summary>
    /// <param name="hidden_ND">After the final norm.</param>
    /// <param name="targets_N">int64: the token that follows each row.</param>
    /// <param name="temperature">The sampling temperature at which the tokens were drawn; positive.</param>
    public TokenScores Score(Tensor hidden_ND, Tensor targets_N, double temperature = 1.0)
        => ScoreEdges(hidden_ND, null, targets_N, temperature);

    /// <summary>Log-probability of targets at chosen rows: a branching row may predict several, others none.</summary>
    /// <param name="hidden_ND">After the final norm.</param>
    /// <param name="rows_M">int64: the row that predicts each target; null takes row i for target i.</param>
    /// <param name="targets_M">int64: the predicted tokens.</param>
    /// <param name="temperature">The sampling temperature at which the tokens were drawn; positive.</param>
    /// <param name="entropyGradient">Whether a loss is taken on the entropies.</param>
    public TokenScores ScoreEdges(
        Tensor hidden_ND, Tensor? rows_M, Tensor targets_M, double temperature = 1.0, bool entropyGradient = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        return _head.Score(hidden_ND, rows_M, targets_M, temperature, entropyGradient);
    }

    /// <summary>
    /// Every weight under its public checkpoint name, stacked experts one by one; views of the live tensors.
    /// </summary>
    /// <remarks>
    /// The views belong to the caller's dispose scope; writing into one (without gradients) changes the model.
    /// </remarks>
    public IReadOnlyList<NamedWeight> Weights()
    {
        var parameters = named_parameters().SelectMany(named => NamedWeight.Expand(named.Item1, named.Item2, isTrained: true));
        var buffers = named_buffers().SelectMany(named => NamedWeight.Expand(named.Item1, named.Item2, isTrained: false));
        return [.. parameters.Concat(buffers).OrderBy(weight => weight.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Every gradient that the last backward pass left, under public names; views that belong to the caller's dispose
    /// scope.
    /// </summary>
    public IReadOnlyList<NamedWeight> Gradients()
        => [.. named_parameters().Where(named => named.Item2.grad is not null)
            .SelectMany(named => NamedWeight.Expand(named.Item1, named.Item2.grad!, isTrained: true))];
}
