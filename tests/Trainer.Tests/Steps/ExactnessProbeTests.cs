using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Learning.Model;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Steps;

public sealed class ExactnessProbeTests : IDisposable
{
    private readonly MiniMaxM2ForCausalLM _model = TinyPolicy.Create();

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    public void Write_gives_the_largest_difference_of_what_was_noted(double error)
    {
        var probe = new ExactnessProbe(_model, microBatchTokens: 7, stride: 1);

        Measure(probe, spoilt: 2, error);

        Assert.Equal(error, Written(probe), 1e-10);
    }

    [Fact]
    public void Note_keeps_every_nth_completion()
    {
        var probe = new ExactnessProbe(_model, microBatchTokens: 7, stride: 2);

        Measure(probe, spoilt: 1, error: 0.25);

        Assert.Equal(0, Written(probe), 1e-10);
    }

    public void Dispose() => _model.Dispose();

    private static double Written(ExactnessProbe probe)
    {
        var metrics = new Dictionary<string, double>();
        probe.Write(metrics);
        return metrics[MetricNames.TreeExactness];
    }

    /// <summary>Three completions that share a prompt, scored as a tree at temperature 0.7; one token of one of them is falsified.</summary>
    private void Measure(ExactnessProbe probe, int spoilt, double error)
    {
        using var scope = NewDisposeScope();
        var random = new Random(3);
        ScoredCompletion[] completions =
        [
            .. Enumerable.Range(0, 3).Select(index => new ScoredCompletion(
                TrainingData.Completion($"{index}", 0, [1, 2, 3], [4, 5 + index, 6], random), index, 0, 0, 1)),
        ];
        TrainingSample[] samples = [.. completions.Select(item => new TrainingSample(item.Chain, item.Completion.PromptIds, item.Completion.ResponseIds))];
        var group = new SampleGroup(0.7, completions, samples, [1, 1, 1]);
        var packed = Assert.Single(new TreePacker().Pack(samples, 100));
        Assert.True(packed.HasBranches);
        var logProbs = BatchScorer.Score(_model, packed, 0.7, null).LogProb_M.detach().data<double>().ToArray();
        double[] read = [.. packed.SampleEdges.Select(edge => logProbs[edge])];
        read[packed.SampleStarts[packed.SampleIndices.IndexOf(spoilt)] + 1] += error;

        probe.Note(packed, read);
        probe.Compare(group);
    }
}
