using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Scenarios.Tests.Training;

/// <summary>Hands on a recorded run with the episodes of each group in another order: the same sums, added up differently.</summary>
internal sealed class PermutedRun(IBatchSource inner, int seed) : IBatchSource
{
    private readonly Random _random = new(seed);

    public WindowStatus Status => inner.Status;

    public StalenessStatus Staleness => inner.Staleness;

    public async Task<Group> TakeAsync(CancellationToken cancellationToken)
    {
        var group = await inner.TakeAsync(cancellationToken);
        var episodes = group.Episodes.ToArray();
        _random.Shuffle(episodes);
        return group with { Episodes = [.. episodes] };
    }

    public Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken) => inner.SkipAsync(group, reason, cancellationToken);

    public Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
        => inner.AcknowledgeAsync(groups, published, cancellationToken);

    public Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken) => inner.RecoverAsync(version, cancellationToken);
}
