using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Dispatch;

/// <summary>Hands out a fixed number of groups, then waits for ever.</summary>
internal sealed class FakeDispatcher(int groups) : IGroupDispatcher
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;

    /// <summary>Completes when one more group is asked for than there are.</summary>
    public Task Drained => _drained.Task;

    public async Task<GroupTicket> DispatchAsync(
        Func<GroupId, CancellationToken, ValueTask<TaskReference>> nextTask, int episodes, CancellationToken cancellationToken)
    {
        if (_next == groups)
        {
            _drained.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        var id = new GroupId(_next++);
        ImmutableArray<EpisodeId> ids = [.. Enumerable.Range(0, episodes).Select(index => new EpisodeId($"g{id}-{index}"))];
        return new GroupTicket(id, await nextTask(id, cancellationToken), PolicyVersion.Initial, ids);
    }
}
