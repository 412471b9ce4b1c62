// N rows, M scored edges
using System.Collections.Immutable;
using Forge.Learning.Fused;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Attention.Levels;
using Forge.Learning.Model.Passes;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Tests.Fused;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Model.Passes;

/// <summary>A random forest with edges and a loss on their log-probabilities and entropies, computed in one pass or in chunks.</summary>
internal sealed class ForestCase
{
    private readonly Random _random;
    private readonly int[] _starts;
    private readonly int[] _ends;
    private readonly ScoredEdges _edges;
    private readonly double[] _slopes;

    /// <param name="seed">Draws everything.</param>
    /// <param name="isPlain">Sequences in place of trees.</param>
    /// <param name="largest">Upper bound of a tree's rows.</param>
    public ForestCase(int seed, bool isPlain, int largest)
    {
        _random = new Random(seed);
        (_starts, _ends) = RandomForest.Create(_random, trees: 4, largest, largest / 2);
        IsPlain = isPlain;
        var rows = Enumerable.Range(0, RowCount).SelectMany(row => Enumerable.Repeat(row, _random.Next(3))).ToImmutableArray();
        _edges = new ScoredEdges(rows, [.. rows.Select(_ => _random.Next(61))], 0.8, EntropyGradient: true);
        _slopes = [.. Enumerable.Range(0, 2 * rows.Length).Select(_ => (2 * _random.NextDouble()) - 1)];
    }

    public bool IsPlain { get; }

    public int RowCount => _starts[^1];

    /// <summary>Whether layers are computed again in the backward pass.</summary>
    public bool Checkpoints { get; init; }

    /// <summary>Puts other sums in the place of those of key gradients; null leaves them.</summary>
    public Func<DisposeScope, ScalarType, GradientSum>? NewKeySum { get; init; }

    /// <summary>Whether every row replays recorded experts, and not every third.</summary>
    public bool ForcesAllExperts { get; init; }

    /// <summary>Fused: on the CPU. Planned: as on CUDA, by the reference's arithmetic.</summary>
    public static string[] Kernels => ["reference", "fused", "planned"];

    /// <summary>A small model in fp64.</summary>
    public static MiniMaxM2ForCausalLM Model(string kernels)
    {
        ModelKernels chosen = kernels switch
        {
            "fused" => new FusedKernels(),
            "planned" => new CudaKernels((_, _) => new LevelKernels(new ReferenceKernel(), null)),
            _ => new ModelKernels(),
        };
        var model = new MiniMaxM2ForCausalLM(TinyModel.Config, new ModelPlacement(kernels == "fused" ? CPU : TinyModel.Device, ScalarType.Float64), chosen);
        FreshWeights.Fill(model, 20);
        return model;
    }

    /// <summary>Cuts before every row, before a random half, or before one.</summary>
    public ImmutableArray<int> Cuts(string kind) => kind switch
    {
        "none" => [0, RowCount],
        "one" => [0, _random.Next(1, RowCount), RowCount],
        "every" => [.. Enumerable.Range(0, RowCount + 1)],
        _ => [0, .. Enumerable.Range(1, RowCount - 1).Where(_ => _random.Next(6) == 0), RowCount],
    };

    /// <summary>Goes forward and backward: log-probabilities, entropies, then every parameter's gradient; and what a trace noted.</summary>
    /// <param name="model">Its gradients are replaced.</param>
    /// <param name="cuts">Null computes in one pass without the chunked pass.</param>
    /// <param name="noted">Receives loads and choices of all layers.</param>
    public List<(string Name, double[] Values)> Run(MiniMaxM2ForCausalLM model, ImmutableArray<int>? cuts, List<double>? noted = null)
    {
        using var scope = NewDisposeScope();
        model.zero_grad();
        using var trace = new ForwardTrace(TraceContents.Load | TraceContents.Router);
        var scores = Forward(model, cuts, trace);
        noted?.AddRange(trace.Layers.SelectMany(layer => TinyModel.Values(layer.Load_E!).Concat(TinyModel.Values(layer.Weights_NC!))));
        Assert.All(trace.Layers, layer => Assert.Null(layer.Choices_NC));
        Loss(scores).backward();
        return
        [
            ("log-probabilities", TinyModel.Values(scores.LogProb_M)), ("entropies", TinyModel.Values(scores.Entropy_M)),
            .. model.named_parameters().Select(named => (named.Item1, TinyModel.Values(named.Item2.grad!))),
        ];
    }

    public TokenScores Forward(MiniMaxM2ForCausalLM model, ImmutableArray<int>? cuts, ForwardTrace? trace = null)
    {
        using var scope = NewDisposeScope();
        var scores = cuts is { } some ? InChunks(model, some, trace) : InOnePass(model, trace);
        return new TokenScores(scores.LogProb_M.MoveToOuterDisposeScope(), scores.Entropy_M.MoveToOuterDisposeScope());
    }

    public Tensor Loss(TokenScores scores)
    {
        var slopes = tensor(_slopes, dtype: scores.LogProb_M.dtype, device: scores.LogProb_M.device).split(_edges.Rows.Length);
        return scores.LogProb_M.mul(slopes[0]).sum().add(scores.Entropy_M.mul(slopes[1]).sum());
    }

    private TokenScores InChunks(MiniMaxM2ForCausalLM model, ImmutableArray<int> cuts, ForwardTrace? trace)
    {
        var input = Input(model.Placement.Device);
        return NewKeySum is { } broken
            ? ChunkedPass.Run(new ChunkedWork(model, ChunkedPass.Split(input, cuts), _edges) { NewKeySum = broken }, input, true, trace)
            : ChunkedPass.Score(model, input, cuts, _edges, trace);
    }

    private TokenScores InOnePass(MiniMaxM2ForCausalLM model, ForwardTrace? trace)
    {
        var device = model.Placement.Device;
        var hidden_ND = model.Forward(Input(device), trace);
        return model.ScoreEdges(hidden_ND, Long(_edges.Rows, device), Long(_edges.Targets, device), _edges.Temperature, entropyGradient: true);
    }

    private ModelInput Input(Device device)
    {
        var random = new Random(RowCount);
        var forced = Enumerable.Range(0, RowCount).SelectMany(row => Enumerable.Range(0, 2).SelectMany(_ => ForcesAllExperts || row % 3 == 0 ? Draw(random) : [-1, -1]));
        var layout = IsPlain ? (AttentionLayout)new PackedSequences([.. _starts]) : new PrefixTrees([.. _starts], [.. _ends]);
        var positions = IsPlain
            ? Enumerable.Range(0, RowCount).Select(row => row - _starts.Last(start => start <= row))
            : Enumerable.Range(0, RowCount).Select(row => RandomForest.Path(_starts, _ends, row).Length - 1);
        return new ModelInput(Long(Enumerable.Range(0, RowCount).Select(_ => random.Next(61)), device), Long(positions, device), layout)
        {
            ForcedChoices_NLC = Long(forced, device).view(RowCount, 2, 2),
            Multiplicity_N = Long(Enumerable.Range(0, RowCount).Select(row => 1 + (row % 4)), device),
            CheckpointLayers = Checkpoints,
        };
    }

    private static int[] Draw(Random random)
    {
        var first = random.Next(6);
        return [first, (first + 1 + random.Next(5)) % 6];
    }

    private static Tensor Long(IEnumerable<int> values, Device device)
        => tensor(values.Select(value => (long)value).ToArray(), dtype: ScalarType.Int64, device: device);
}
