using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Learning.Optim;
using static TorchSharp.torch;

namespace Forge.Learning.Bench;

/// <summary>
/// Measures trained tokens per second of whole optimizer steps: forward, cross-entropy on every token, backward, AdamW, on a real model
/// with random weights and random ids.
/// </summary>
public sealed class TrainBench
{
    /// <summary>The shape of the repository's speed comparisons: 2.04 M parameters.</summary>
    public static M2Config ReferenceShape { get; } = new()
    {
        VocabSize = 512,
        HiddenSize = 128,
        NumHiddenLayers = 4,
        NumAttentionHeads = 8,
        NumKeyValueHeads = 2,
        HeadDim = 32,
        RotaryDim = 32,
        IntermediateSize = 128,
        NumLocalExperts = 8,
        NumExpertsPerToken = 2,
    };

    public M2Config Shape { get; init; } = ReferenceShape;

    /// <summary>Sequences per step.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Tokens per sequence.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>Steps measured, of which the median counts.</summary>
    public int Steps { get; init; } = 15;

    /// <summary>Steps before them that only warm up.</summary>
    public int WarmUpSteps { get; init; } = 3;

    /// <summary>Threads of a step; 0 is one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>The model's arithmetic; null takes the fastest.</summary>
    public ModelKernels? Kernels { get; init; }

    /// <summary>Runs the benchmark; sets the process's number of tensor threads.</summary>
    public IReadOnlyList<TrainBenchRow> Run(TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        set_num_threads(Threads > 0 ? Threads : Environment.ProcessorCount);
        using var scope = NewDisposeScope();
        using var model = new MiniMaxM2ForCausalLM(Shape, ModelPlacement.CpuFloat32, Kernels);
        FreshWeights.Fill(model, seed: 1);
        using var optimizer = new AdamW(model.named_parameters(), new AdamWOptions());
        var random = new Random(1);
        var seconds = new List<double>();
        for (var step = 0; step < WarmUpSteps + Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ids = Enumerable.Range(0, Batch).Select(_ => Draw(random, Tokens + 1)).ToList();
            var start = time.GetTimestamp();
            Train(model, optimizer, ids);
            seconds.Add(time.GetElapsedTime(start).TotalSeconds);
        }

        var measured = seconds.Skip(WarmUpSteps).Order().ToList();
        var total = (double)Batch * Tokens;
        return [new TrainBenchRow(Batch, Tokens, total / measured[measured.Count / 2], total / measured[0])];
    }

    private static void Train(MiniMaxM2ForCausalLM model, AdamW optimizer, List<int[]> ids)
    {
        using var scope = NewDisposeScope();
        var input = ModelInput.Pack([.. ids.Select(sequence => sequence[..^1])], CPU);
        var targets_N = tensor(ids.SelectMany(sequence => sequence[1..]).Select(id => (long)id).ToArray(), dtype: ScalarType.Int64);
        var loss = model.Score(model.Forward(input), targets_N).LogProb_M.mean().neg();
        loss.backward();
        optimizer.Step(learningRate: 1e-3);
        optimizer.ZeroGrad();
    }

    private int[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Shape.VocabSize))];
}
