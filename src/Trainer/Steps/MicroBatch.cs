using Forge.Core.Packing;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Steps;

/// <summary>What the rollout recorded for every response token of one packed batch, aligned to its sample edges [P].</summary>
internal sealed class MicroBatch
{
    public MicroBatch(PackedBatch packed, IReadOnlyList<ScoredCompletion> scored, IReadOnlyList<double> tokenWeights)
    {
        var count = packed.ScoredTokenCount;
        (Behavior, Policy, Advantage, Weight, Version) = (new double[count], new double[count], new double[count], new double[count], new long[count]);
        (IsSingleVersion, Sequence) = (new bool[count], new int[count]);
        for (var index = 0; index < packed.SampleIndices.Length; index++)
        {
            var sample = packed.SampleIndices[index];
            var completion = scored[sample].Completion;
            var single = completion.TokenVersions.All(version => version == completion.OldestKvVersion.Value);
            for (var token = 0; token < completion.ResponseIds.Length; token++)
            {
                var place = packed.SampleStarts[index] + token;
                Behavior[place] = completion.BehaviorLogProbs[token];
                Policy[place] = completion.PolicyLogProbs[token];
                Advantage[place] = scored[sample].Advantage;
                Weight[place] = tokenWeights[sample];
                Version[place] = completion.TokenVersions[token];
                IsSingleVersion[place] = single;
                Sequence[place] = index;
            }
        }
    }

    /// <summary>Log-probabilities that the tokens were drawn with: the old policy of the importance ratio.</summary>
    public double[] Behavior { get; }

    /// <summary>Log-probabilities before truncation: what the trainer's own figures are compared with.</summary>
    public double[] Policy { get; }

    public double[] Advantage { get; }

    /// <summary>The normaliser's share of each token.</summary>
    public double[] Weight { get; }

    public long[] Version { get; }

    /// <summary>Numbers the completion of each token, from 0: what the loss calls a sequence.</summary>
    public int[] Sequence { get; }

    /// <summary>Whether the token's completion attended to KV of one version only.</summary>
    public bool[] IsSingleVersion { get; }
}
