using System.Collections.Immutable;
using Forge.Core.Advantages;
using Forge.Core.Rewards;
using Forge.Core.Ring;
using Forge.Trainer.Algorithms;

namespace Forge.Trainer.Batches;

/// <summary>
/// Turns the rewards of a group into advantages: per completion the reward-to-go minus the group's mean return
/// (Forge: Â_t = Σ_{p ≥ t} r_p − B, with r_t = α·process + β·speed + outcome).
/// </summary>
public sealed class GroupScorer(AlgorithmOptions options)
{
    private readonly RewardWeights _weights = new(options.ProcessWeight, options.SpeedWeight);
    private readonly bool _normalizeByStd = LossRecipe.Of(options).NormalizeByStd;

    /// <summary>Scores a group.</summary>
    /// <param name="group">All its episodes.</param>
    /// <param name="groupIndex">Its number within the batch.</param>
    /// <param name="scored">The completions that may be trained on; empty when the group is to be skipped.</param>
    /// <returns>Null, or why the group is not to be trained on (<see cref="SkipReason"/>).</returns>
    public string? Score(Group group, int groupIndex, out ImmutableArray<ScoredCompletion> scored)
    {
        scored = [];
        var episodes = group.Episodes.Where(IsTrainable).ToArray();
        if (episodes.Length < 2)
        {
            return SkipReason.Failed;
        }

        var rewards = episodes.Select(Rewards).ToArray();
        if (!GroupStatistics.Of(EpisodeAdvantages.Totals(rewards, options.Discount)).HasVariance)
        {
            return SkipReason.NoVariance;
        }

        var advantages = EpisodeAdvantages.Compute(rewards, options.Discount, TrajectoryBaseline.GroupMean, _normalizeByStd);
        var completions = ImmutableArray.CreateBuilder<ScoredCompletion>();
        for (var index = 0; index < episodes.Length; index++)
        {
            var chain = (groupIndex << 12) + episodes[index].IndexInGroup;
            var returns = new double[rewards[index].Length];
            RewardToGo.Returns(rewards[index], options.Discount, returns);
            for (var turn = 0; turn < returns.Length; turn++)
            {
                completions.Add(new ScoredCompletion(
                    episodes[index].Completions[turn], chain, groupIndex, returns[turn], advantages[index][turn]));
            }
        }

        scored = completions.ToImmutable();
        return null;
    }

    /// <summary>Whether an episode's end says something about the policy: failures of the machinery and the environment do not.</summary>
    public static bool IsTrainable(Episode episode)
        => episode.Completions.Length > 0
            && episode.Result.Status is EpisodeStatus.Completed or EpisodeStatus.LimitReached or EpisodeStatus.AgentFailure;

    /// <summary>An episode's whole return.</summary>
    public double TotalReturn(Episode episode) => EpisodeAdvantages.Totals([Rewards(episode)], options.Discount)[0];

    /// <summary>What each completion earned, weights applied.</summary>
    public double[] Rewards(Episode episode) => _weights.Of(episode.Result.Rewards);
}
