using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Configuration;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Rollout.Decoding;

/// <summary>Decodes with the trainer's own model, on any device and in any precision.</summary>
/// <remarks>Rows agree with each other within rounding, not bit for bit: libtorch's products depend on the number of rows.</remarks>
public sealed class ModelDecoder : IDecoder
{
    private readonly KvCache _cache;
    private MiniMaxM2ForCausalLM _active;
    private MiniMaxM2ForCausalLM _staged;

    /// <param name="config">The policy's sizes.</param>
    /// <param name="placement">Device and precision; two sets of weights and the whole cache live there.</param>
    /// <param name="slots">Sequences whose KV is kept at once.</param>
    /// <param name="maxContext">Most positions of a slot.</param>
    /// <param name="maxRows">Most rows of one step.</param>
    public ModelDecoder(M2Config config, ModelPlacement placement, int slots, int maxContext, int maxRows)
    {
        (Config, Slots, MaxContext, MaxRows) = (config, slots, maxContext, maxRows);
        _cache = new KvCache(config, placement, slots, maxContext);
        _active = new MiniMaxM2ForCausalLM(config, placement);
        _staged = new MiniMaxM2ForCausalLM(config, placement);
    }

    public M2Config Config { get; }

    public int Slots { get; }

    public int MaxContext { get; }

    public int MaxRows { get; }

    public void Load(PolicyWeights weights)
    {
        try
        {
            PolicyWeightsCodec.FromPolicyWeights(_staged, weights);
        }
        catch (ForgeException exception)
        {
            throw new ArgumentException(exception.Message, nameof(weights), exception);
        }
    }

    public void Swap() => (_active, _staged) = (_staged, _active);

    public void CopySlot(int from, int to, int count) => _cache.CopyPrefix(from, to, count);

    public void Step(DecodeBatch batch)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var trace = new ForwardTrace(batch.Experts.IsEmpty ? TraceContents.None : TraceContents.Choices);
        var rows = new CachedRows([.. batch.Tokens], [.. batch.Slots], [.. batch.Positions]);
        var hidden_ND = _active.ForwardCached(rows, _cache, trace);
        if (batch.Outputs == 0)
        {
            return;
        }

        var outputs_M = tensor([.. batch.OutputRows.ToArray().Select(row => (long)row)], device: _active.Placement.Device);
        var logits_MV = _active.Logits(hidden_ND.index_select(0, outputs_M)).to_type(ScalarType.Float32).cpu().contiguous();
        var logits = logits_MV.data<float>().ToArray();
        for (var output = 0; output < batch.Outputs; output++)
        {
            var row = logits.AsSpan(output * Config.VocabSize, Config.VocabSize);
            batch.Samples[output] = TokenSampler.Draw(row, batch.Sampling[output]);
        }

        if (batch.WantLogits)
        {
            logits.CopyTo(batch.Logits);
        }

        for (var layer = 0; layer < (batch.Experts.IsEmpty ? 0 : Config.NumHiddenLayers); layer++)
        {
            RecordChoices(batch, layer, trace.Layers[layer].Choices_NC!.index_select(0, outputs_M));
        }
    }

    public void Dispose()
    {
        _cache.Dispose();
        _active.Dispose();
        _staged.Dispose();
    }

    private void RecordChoices(DecodeBatch batch, int layer, Tensor choices_MC)
    {
        var choices = choices_MC.cpu().contiguous().data<long>().ToArray();
        var width = Config.NumExpertsPerToken;
        for (var output = 0; output < batch.Outputs; output++)
        {
            for (var choice = 0; choice < width; choice++)
            {
                batch.Experts[(((output * Config.NumHiddenLayers) + layer) * width) + choice] = (byte)choices[(output * width) + choice];
            }
        }
    }
}
