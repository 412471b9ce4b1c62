// N rows, L layers, C choices

using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Learning.Model;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using Forge.Trainer.Batches;
using Forge.Trainer.Steps;
using static TorchSharp.torch;

namespace Forge.Trainer.Tests.Steps;

public sealed class RouterReplayTests : IDisposable
{
    private readonly MiniMaxM2ForCausalLM _model = TinyPolicy.Create();

    [Theory]
    [InlineData(MergeMode.Tree)]
    [InlineData(MergeMode.Episode)]
    [InlineData(MergeMode.None)]
    public void The_trainer_chooses_what_was_recorded_wherever_it_was(MergeMode merge)
    {
        using var scope = NewDisposeScope();
        var samples = new SampleMaker(_model.Config, replaysRouting: true).Make(Episodes());
        var (recorded, checkedRows) = (0, 0);

        foreach (var packed in SamplePackers.For(merge).Pack(samples, 1000))
        {
            using var trace = new ForwardTrace(TraceContents.Choices);
            BatchScorer.Score(_model, packed, 1, trace);
            var choices = stack(trace.Layers.Select(layer => layer.Choices_NC!), 1).contiguous().data<long>().ToArray();
            Assert.Equal(choices.Length, packed.RoutedExperts.Length);
            foreach (var (place, expert) in packed.RoutedExperts.Index().Where(entry => entry.Item >= 0))
            {
                Assert.Equal(expert, choices[place]);
                checkedRows++;
            }

            recorded += packed.RoutedExperts.Count(expert => expert >= 0);
        }

        Assert.Equal(recorded, checkedRows);
        Assert.True(recorded >= 14 * 4, $"only {recorded} choices were recorded");
    }

    [Fact]
    public void An_append_only_episode_stays_one_sequence()
    {
        var samples = new SampleMaker(_model.Config, replaysRouting: true).Make(Episodes());

        var rows = new TreePacker().Pack(samples, 1000).Sum(packed => packed.TokenCount);

        // 3 + 11 rows of the first episode; the second shares the prompt's first two, and the third where both chose the same experts.
        Assert.InRange(rows, 14, 14 + 5);
    }

    [Fact]
    public void Merging_changes_no_gradient_of_replayed_routing()
    {
        var gradients = Enum.GetValues<MergeMode>().Select(Gradient).ToList();
        var afresh = Gradient(MergeMode.None, replays: false);

        Assert.True(Distance(gradients[0], gradients[2]) < 1e-12, $"tree: {Distance(gradients[0], gradients[2])}");
        Assert.True(Distance(gradients[1], gradients[2]) < 1e-12, $"episode: {Distance(gradients[1], gradients[2])}");
        Assert.True(Distance(afresh, gradients[2]) > 1e-6, "Replay made no difference.");
    }

    public void Dispose() => _model.Dispose();

    private double[] Gradient(MergeMode merge) => Gradient(merge, replays: true);

    private double[] Gradient(MergeMode merge, bool replays)
    {
        using var scope = NewDisposeScope();
        _model.zero_grad();
        foreach (var packed in SamplePackers.For(merge).Pack(new SampleMaker(_model.Config, replays).Make(Episodes()), 1000))
        {
            BatchScorer.Score(_model, packed, 1, trace: null).LogProb_M
                .index_select(0, IndexTensor.Of(packed.SampleEdges, CPU)).sum().backward();
        }

        return [.. _model.Gradients().SelectMany(gradient => gradient.Value.contiguous().data<double>().ToArray())];
    }

    /// <summary>An episode of two turns and one of a single turn from the same prompt, with routing that no router chose.</summary>
    private static ScoredCompletion[] Episodes()
    {
        var random = new Random(5);
        return
        [
            Routed(0, TrainingData.Completion("a", 0, [1, 2, 3], [4, 5, 6, 7], random)),
            Routed(0, TrainingData.Completion("a", 1, [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6], random)),
            Routed(1, TrainingData.Completion("b", 0, [1, 2, 3], [4, 9, 9, 1], random)),
        ];

        ScoredCompletion Routed(int chain, Completion completion) => new(
            completion with { RoutedExperts = [.. Enumerable.Range(0, completion.ResponseIds.Length * 2).SelectMany(_ => Pair(random))] }, chain, 0, 0, 1);
    }

    // Two different experts of four, ascending.
    private static byte[] Pair(Random random)
    {
        var first = random.Next(3);
        return [(byte)first, (byte)random.Next(first + 1, 4)];
    }

    private static double Distance(double[] left, double[] right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Max();
}
