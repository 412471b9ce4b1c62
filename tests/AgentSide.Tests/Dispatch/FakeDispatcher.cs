using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Dispatch;

/// <summary>Hands out a fixed number of groups, then waits for ever.</summary>
internal sealed class FakeDispatcher(int groups) : IGroupDispatcher
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;

    public TimeSpan LeaseDuration { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether the next renewals are refused.</summary>
    public bool Lose { get; set; }

    public ConcurrentQueue<ImmutableArray<long>> Released { get; } = [];

    /// <summary>Completes when one more group is asked for than there are.</summary>
    public Task Drained => _drained.Task;

    public async Task<DispatchReply> DispatchAsync(DispatchRequest request, CancellationToken cancellationToken)
    {
        if (_next == groups)
        {
            _drained.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        if (request.Next.Value != _next)
        {
            return new DispatchReply(null, new GroupId(_next));
        }

        var id = new GroupId(_next++);
        ImmutableArray<EpisodeId> ids = [.. Enumerable.Range(0, request.Episodes).Select(index => new EpisodeId($"g{id}-{index}"))];
        var lease = new GroupLease(_next, request.Worker);
        return new DispatchReply(
            new GroupTicket(id, request.Task, PolicyVersion.Initial, ids, lease, LeaseDuration), new GroupId(_next));
    }

    public Task<ImmutableArray<long>> RenewAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
        => Task.FromResult<ImmutableArray<long>>(Lose ? leases : []);

    public Task ReleaseAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
    {
        Released.Enqueue(leases);
        return Task.CompletedTask;
    }
}
