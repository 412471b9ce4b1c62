using System.Collections.Immutable;
using Forge.Core.Ring;

namespace Forge.Trainer.Batches;

/// <summary>
/// Turns the rewards of a group into advantages: per completion the reward-to-go minus the group's mean return
/// (Forge: Â_t = Σ_{p ≥ t} r_p − B, with r_t = α·process + β·speed + outcome).
/// </summary>
public sealed class GroupScorer(AlgorithmOptions options)
{
    // Below this the returns are equal but for rounding.
    private const double SmallestVariance = 1e-12;

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

        var returns = episodes.Select(ReturnsToGo).ToArray();
        var totals = returns.Select(values => values[0]).ToArray();
        var baseline = totals.Average();
        var variance = totals.Sum(total => (total - baseline) * (total - baseline)) / (totals.Length - 1);
        if (variance <= SmallestVariance)
        {
            return SkipReason.NoVariance;
        }

        var scale = options.NormalizeByStd ? 1 / (Math.Sqrt(variance) + 1e-6) : 1;
        var completions = ImmutableArray.CreateBuilder<ScoredCompletion>();
        for (var index = 0; index < episodes.Length; index++)
        {
            var chain = (groupIndex << 12) + episodes[index].IndexInGroup;
            for (var turn = 0; turn < episodes[index].Completions.Length; turn++)
            {
                var gain = returns[index][turn];
                completions.Add(new ScoredCompletion(
                    episodes[index].Completions[turn], chain, groupIndex, gain, (gain - baseline) * scale));
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
    public double TotalReturn(Episode episode) => episode.Completions.IsEmpty ? 0 : ReturnsToGo(episode)[0];

    // G_t = r_t + γ·G_{t+1}, aligned to the completions.
    private double[] ReturnsToGo(Episode episode)
    {
        var returns = new double[episode.Completions.Length];
        var next = 0.0;
        for (var turn = returns.Length - 1; turn >= 0; turn--)
        {
            var reward = episode.Result.Rewards[turn];
            next = (options.ProcessWeight * reward.Process) + (options.SpeedWeight * reward.Speed) + reward.Outcome
                + (options.Discount * next);
            returns[turn] = next;
        }

        return returns;
    }
}
