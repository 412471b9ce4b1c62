using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>One group of a batch, as it was when it was taken.</summary>
/// <param name="Group">The dispatch index.</param>
/// <param name="OldestVersion">The oldest policy version that sampled any of its tokens; its dispatch version when it has none.</param>
/// <param name="NewestVersion">The newest policy version that sampled any of its tokens; its dispatch version when it has none.</param>
/// <param name="Hash">SHA-256 of its content, in hexadecimal (<see cref="GroupDigest"/>).</param>
public sealed record BatchEntry(GroupId Group, long OldestVersion, long NewestVersion, string Hash)
{
    public static BatchEntry Of(Group group)
    {
        var (oldest, newest) = (long.MaxValue, long.MinValue);
        foreach (var completion in group.Episodes.SelectMany(episode => episode.Completions))
        {
            foreach (var version in completion.TokenVersions)
            {
                (oldest, newest) = (Math.Min(oldest, version), Math.Max(newest, version));
            }
        }

        var dispatched = group.DispatchedAt.Value;
        return newest == long.MinValue
            ? new BatchEntry(group.Id, dispatched, dispatched, GroupDigest.Of(group))
            : new BatchEntry(group.Id, oldest, newest, GroupDigest.Of(group));
    }
}
