using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>What every store says about writes that it refuses.</summary>
internal static class StoreFaults
{
    public static ForgeException UnknownEpisode(EpisodeId episode)
        => new($"Episode '{episode}' is unknown: no group of this pool has it. Is it another run's?");

    public static ForgeException OtherCompletion(Completion completion)
        => new($"Another completion than '{completion.Id}' (turn {completion.Turn} of episode '{completion.Episode}') has this id or this turn. "
            + "Give every completion an id and a turn of its own.");

    public static ForgeException EndedOtherwise(EpisodeResult result)
        => new($"Episode '{result.Episode}' ended before, and not as {result.Status}: an episode has one result.");

    public static ForgeException ConsumedBefore(Consumption consumption)
        => new($"Group {consumption.Group} was consumed before; it can't enter step {consumption.Step} too.");

    public static ForgeException Pruned(GroupId group)
        => new($"Group {group} was pruned: its tokens are gone, its results stay ('forge data list' shows them).");

    public static ForgeException TrainedBefore(PolicyVersion step) => new($"Step {step} was acknowledged before with other groups.");

    /// <summary>Credit is assigned turn by turn, so a scored episode needs a reward for each; a broken one is never scored.</summary>
    /// <exception cref="ForgeException">They do not match.</exception>
    public static void CheckRewards(EpisodeResult result, long completions)
    {
        if (!result.IsBroken && completions != result.Rewards.Length)
        {
            throw new ForgeException(
                $"Episode '{result.Episode}' has {completions} completions but {result.Rewards.Length} rewards; post one reward per completion.");
        }
    }
}
