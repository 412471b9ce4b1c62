using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>A pool that offers given groups in order and remembers what became of them; when they are used up, a taker waits for ever.</summary>
public sealed class RecordedBatchSource(IEnumerable<Group> groups) : IBatchSource
{
    private readonly Queue<Group> _offered = new(groups);
    private readonly List<(long Group, string Reason)> _skipped = [];
    private readonly SortedDictionary<long, long[]> _trained = [];

    /// <summary>Called with a word for each call but the takes, such as <c>acknowledge 2</c>.</summary>
    public Action<string> Heard { get; set; } = _ => { };

    /// <summary>Called when a taker finds nothing.</summary>
    public Action RanDry { get; set; } = () => { };

    public IReadOnlyList<(long Group, string Reason)> Skipped => _skipped;

    /// <summary>The groups of each acknowledged step, by the version that it published.</summary>
    public IReadOnlyDictionary<long, long[]> Trained => _trained;

    public WindowStatus Status { get; set; } = new(0, 0, 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, 1, 0, 0);

    public StalenessStatus Staleness => new(0, 0, 0, 0, 0, false);

    public async Task<Group> TakeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_offered.TryDequeue(out var group))
        {
            return group;
        }

        RanDry();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        throw new InvalidOperationException("An infinite wait ended.");
    }

    public Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken)
    {
        _skipped.Add((group.Value, reason));
        Heard($"skip {group}");
        return Task.CompletedTask;
    }

    public Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
    {
        _trained[published.Value] = [.. groups.Select(group => group.Value)];
        Heard($"acknowledge {published}");
        return Task.CompletedTask;
    }

    public Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        Heard($"recover {version}");
        return Task.CompletedTask;
    }
}
