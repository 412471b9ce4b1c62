// N rows, L layers, C choices per row, E edges, P response tokens of all samples

using System.Collections.Immutable;
using Forge.Core.Packing;
using Forge.Learning.Losses;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using Forge.Trainer.Algorithms;
using Forge.Trainer.Bench;
using Forge.Trainer.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Trainer.Checks;

/// <summary>
/// Says whether merging costs precision: gradients of one policy-gradient step in a low precision, over the merged samples and over every
/// sample apart, each against float64, with the same experts replayed in all three.
/// </summary>
/// <remarks>
/// Without replay a near tie of two experts would fall differently in float64 and drown what is measured. The float64 policy has the weights
/// that the low precision rounds to.
/// </remarks>
public static class MergedGradients
{
    private const int Whole = int.MaxValue;

    // Large enough that every level of the tree goes to the kernels that training uses; episodes branch at the prompt and in the middle.
    private static readonly TreeShape Tree = new("gradients")
    {
        Groups = 2,
        Episodes = 4,
        Prompt = 700,
        Turns = 4,
        Response = 150,
        Observation = 90,
        RewriteEvery = 3,
        RewriteTurns = 1,
    };

    private static readonly M2Config Policy = new()
    {
        VocabSize = 1024,
        HiddenSize = 512,
        NumHiddenLayers = 4,
        NumAttentionHeads = 8,
        NumKeyValueHeads = 2,
        HeadDim = 128,
        RotaryDim = 64,
        IntermediateSize = 128,
        NumLocalExperts = 16,
        NumExpertsPerToken = 4,
        InitializerRange = 0.05,
    };

    /// <summary>Draws a policy and samples from each seed and measures both ways.</summary>
    /// <param name="placement">Where and in which precision.</param>
    /// <param name="seeds">How many seeds, from 1.</param>
    /// <param name="reduction">All lengths of the samples are divided by this, for slow machines.</param>
    public static IReadOnlyList<MergedGradientRow> Run(ModelPlacement placement, int seeds, int reduction = 1)
        => [.. Enumerable.Range(1, seeds).Select(seed => Measure(placement, seed, Reduced(reduction).Draw(Policy.VocabSize, seed)))];

    private static MergedGradientRow Measure(ModelPlacement placement, int seed, StepSamples drawn)
    {
        using var scope = NewDisposeScope();
        using var model = new MiniMaxM2ForCausalLM(Policy, placement);
        using var exact = new MiniMaxM2ForCausalLM(Policy, placement with { Dtype = ScalarType.Float64 });
        Fill(model, seed);
        Copy(model, exact);
        var samples = WithExperts(exact, drawn.Samples);
        var (merged, apart) = (new TreePacker().Pack(samples, Whole), new CompletionPacker().Pack(samples, Whole));
        var expected = Gradients(exact, apart, samples);
        return new MergedGradientRow(
            seed, merged.Sum(batch => batch.TokenCount), apart.Sum(batch => batch.TokenCount),
            Error(Gradients(model, merged, samples), expected), Error(Gradients(model, apart, samples), expected),
            Error(Gradients(exact, merged, samples), expected));
    }

    private static TreeShape Reduced(int divisor) => Tree with
    {
        Prompt = Tree.Prompt / divisor,
        Response = Tree.Response / divisor,
        Observation = Tree.Observation / divisor,
    };

    private static void Fill(MiniMaxM2ForCausalLM model, int seed)
    {
        using var frozen = no_grad();
        manual_seed(seed);
        foreach (var (_, parameter) in model.named_parameters())
        {
            // Norms differ from one, so that an error in their gradients shows.
            parameter.normal_(parameter.dim() > 1 ? 0 : 1, parameter.dim() > 1 ? Policy.InitializerRange : 0.1);
        }
    }

    private static void Copy(MiniMaxM2ForCausalLM from, MiniMaxM2ForCausalLM to)
    {
        using var frozen = no_grad();
        foreach (var (source, target) in from.named_parameters().Zip(to.named_parameters()))
        {
            target.parameter.copy_(source.parameter);
        }
    }

    // The choices of the float64 policy, each sample routed alone.
    private static ImmutableArray<TrainingSample> WithExperts(MiniMaxM2ForCausalLM exact, ImmutableArray<TrainingSample> samples)
    {
        using var frozen = no_grad();
        var routed = samples.ToArray();
        foreach (var batch in new CompletionPacker().Pack(samples, Whole))
        {
            using var scope = NewDisposeScope();
            using var trace = new ForwardTrace(TraceContents.Choices);
            BatchScorer.Score(exact, batch, 1, trace);
            var choices_NLC = stack([.. trace.Layers.Select(layer => layer.Choices_NC!)], 1);
            var width = choices_NLC.shape[1] * choices_NLC.shape[2];
            var chosen = choices_NLC.contiguous().cpu().data<long>().ToArray();
            for (var index = 0; index < batch.SampleIndices.Length; index++)
            {
                var rows = chosen.AsSpan((int)(batch.TreeStarts[index] * width)..(int)(batch.TreeStarts[index + 1] * width));
                ref var sample = ref routed[batch.SampleIndices[index]];
                sample = sample with { RoutedExperts = [.. rows.ToArray().Select(expert => (short)expert)] };
            }
        }

        return [.. routed];
    }

    private static List<Tensor> Gradients(
        MiniMaxM2ForCausalLM model, IReadOnlyList<PackedBatch> batches, ImmutableArray<TrainingSample> samples)
    {
        model.zero_grad();
        var loss = LossRecipe.CreateLoss(new AlgorithmOptions());
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            var scores = BatchScorer.Score(model, batch, 1, null);
            var logProb_P = scores.LogProb_M.index_select(0, IndexTensor.Of(batch.SampleEdges, model.Placement.Device));
            loss.Evaluate(OnPolicy(batch, samples, logProb_P)).Loss.backward();
        }

        return [.. model.named_parameters().Select(named => named.parameter.grad!.to_type(ScalarType.Float64))];
    }

    // Ratios are 1, so that the gradient is a smooth function of what is rounded.
    private static PolicyLossInput OnPolicy(PackedBatch batch, ImmutableArray<TrainingSample> samples, Tensor logProb_P)
    {
        var tokens = samples.Sum(sample => sample.ResponseIds.Length);
        var sequence = batch.SampleIndices.SelectMany((sample, index) => Enumerable.Repeat(index, samples[sample].ResponseIds.Length)).ToArray();
        double[] advantage = [.. sequence.Select(index => Advantage(batch.SampleIndices[index]))];
        return new PolicyLossInput
        {
            LogProb_P = logProb_P,
            OldLogProb_P = logProb_P.detach(),
            Advantage_P = tensor(advantage, dtype: logProb_P.dtype, device: logProb_P.device),
            Weight_P = full_like(logProb_P.detach(), 1.0 / tokens),
            Sequence_P = IndexTensor.Of(sequence, logProb_P.device),
        };
    }

    // Of both signs and of several sizes.
    private static double Advantage(int sample) => ((sample * 7 % 5) - 2) * 0.5 + 0.25;

    // In the Frobenius norm over all parameters together.
    private static double Error(List<Tensor> actual, List<Tensor> expected)
    {
        var (difference, whole) = (0.0, 0.0);
        foreach (var (left, right) in actual.Zip(expected))
        {
            difference += left.sub(right).square().sum().ToDouble();
            whole += right.square().sum().ToDouble();
        }

        return Math.Sqrt(difference / whole);
    }
}
