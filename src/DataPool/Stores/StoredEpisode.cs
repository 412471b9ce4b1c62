using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>One attempt at one place of a group.</summary>
/// <param name="Id">Unique within the run; every attempt has its own.</param>
/// <param name="IndexInGroup">The place, from 0.</param>
/// <param name="Attempt">From 0; grows by one each time a crash leaves the place unfinished.</param>
/// <param name="IsFinished">True when it has a result.</param>
public sealed record StoredEpisode(EpisodeId Id, int IndexInGroup, int Attempt, bool IsFinished)
{
    /// <summary>Names an attempt such that it can be found in logs: <c>g17-e3</c>, and <c>g17-e3-a1</c> after a crash.</summary>
    public static StoredEpisode Create(GroupId group, int indexInGroup, int attempt)
    {
        var suffix = attempt == 0 ? "" : $"-a{attempt}";
        return new StoredEpisode(new EpisodeId($"g{group}-e{indexInGroup}{suffix}"), indexInGroup, attempt, IsFinished: false);
    }

    public StoredEpisode NextAttempt(GroupId group) => Create(group, IndexInGroup, Attempt + 1);
}
