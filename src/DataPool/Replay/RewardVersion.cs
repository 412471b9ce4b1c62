using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.DataPool.Replay;

/// <summary>Rewards that were computed after a run, beside those recorded with it.</summary>
/// <param name="Version">From 2; 1 is what was recorded.</param>
/// <param name="Rewards">Of each scored episode, one number per completion, weights applied.</param>
/// <param name="Groups">Groups with a scored episode.</param>
public sealed record RewardVersion(
    int Version, IReadOnlyDictionary<EpisodeId, ImmutableArray<double>> Rewards, IReadOnlySet<GroupId> Groups)
{
    /// <summary>The group with these rewards in place of the recorded ones, as outcomes, which no weight changes.</summary>
    /// <exception cref="ForgeException">An episode has none, or not one per completion.</exception>
    public Group Apply(Group group) => group with { Episodes = [.. group.Episodes.Select(Apply)] };

    private Episode Apply(Episode episode)
    {
        if (episode.Result.IsBroken || episode.Completions.IsEmpty)
        {
            return episode;
        }

        if (!Rewards.TryGetValue(episode.Id, out var rewards) || rewards.Length != episode.Completions.Length)
        {
            throw Lacks($"episode {episode.Id} of group {episode.Group} has {(rewards.IsDefault ? 0 : rewards.Length)} rewards "
                + $"for {episode.Completions.Length} completions");
        }

        return episode with
        {
            Result = episode.Result with { Rewards = [.. rewards.Select(reward => new StepReward(Process: 0, Speed: 0, reward))] },
        };
    }

    /// <summary>Says that this version does not fit a run.</summary>
    public ForgeException Lacks(string what)
        => new($"Reward version v{Version} does not fit the run: {what}. Compute one anew with 'forge data rescore'.");
}
