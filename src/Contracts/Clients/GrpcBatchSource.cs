using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Takes groups from a data pool of another process: one life of one trainer, one call at a time.</summary>
/// <remarks>
/// Takes are numbered, so that one whose answer got lost gives the same group again; a pool that started again is told which groups this
/// trainer holds, so that none of them is offered a second time. All calls outlast a pool that starts again. The figures are those of the last answer.
/// </remarks>
public sealed class GrpcBatchSource(CallInvoker invoker, WireOptions options, TimeProvider time) : IBatchSource
{
    private readonly Wire.BatchSourceService.BatchSourceServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The data pool", options, time);
    private readonly string _session = Guid.NewGuid().ToString("N");
    private readonly HashSet<long> _held = [];
    private long _sequence;

    public WindowStatus Status { get; private set; } = new(0, 0, 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0);

    public StalenessStatus Staleness { get; private set; } = new(0, 0, 0, 0, 0, false);

    public async Task<Group> TakeAsync(CancellationToken cancellationToken)
    {
        var request = new Wire.TakeRequest { Session = _session, Sequence = _sequence, WaitTicks = options.PollWait.Ticks };
        var group = await _calls.PollAsync(token => TakeOnceAsync(request, token), cancellationToken);
        _sequence++;
        _held.Add(group.Id);
        return group.ToCore();
    }

    public async Task SkipAsync(GroupId group, string reason, CancellationToken cancellationToken)
    {
        var request = new Wire.SkipRequest { Session = _session, Group = group.Value, Reason = reason };
        while ((await SkipOnceAsync(request, cancellationToken)).SessionUnknown)
        {
            await ResumeAsync(cancellationToken);
        }

        _held.Remove(group.Value);
    }

    public async Task AcknowledgeAsync(IReadOnlyList<GroupId> groups, PolicyVersion published, CancellationToken cancellationToken)
    {
        var request = new Wire.AcknowledgeRequest { Groups = { groups.Select(group => group.Value) }, Published = published.Value };
        Note((await _calls.RepeatAsync(call => _client.AcknowledgeAsync(request, call), cancellationToken)).Status);
        _held.ExceptWith(request.Groups);
    }

    public async Task RecoverAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        var request = new Wire.RecoverRequest { Session = _session, Version = version.Value };
        Note((await _calls.RepeatAsync(call => _client.RecoverAsync(request, call), cancellationToken)).Status);
        _held.Clear();
    }

    private async Task<Wire.Group?> TakeOnceAsync(Wire.TakeRequest request, CancellationToken cancellationToken)
    {
        var answer = await _calls.UnaryAsync(
            call => _client.TakeAsync(request, call), options.PollWait + options.CallTimeout, cancellationToken);
        Note(answer.Status);
        if (answer.SessionUnknown)
        {
            await ResumeAsync(cancellationToken);
        }

        return answer.Group;
    }

    private async Task<Wire.SkipResponse> SkipOnceAsync(Wire.SkipRequest request, CancellationToken cancellationToken)
    {
        var answer = await _calls.RepeatAsync(call => _client.SkipAsync(request, call), cancellationToken);
        Note(answer.Status);
        return answer;
    }

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var request = new Wire.ResumeRequest { Session = _session, Held = { _held.Order() } };
        Note((await _calls.RepeatAsync(call => _client.ResumeAsync(request, call), cancellationToken)).Status);
    }

    private void Note(Wire.PoolStatus? status)
        => (Status, Staleness) = (status?.Window?.ToCore() ?? Status, status?.Staleness?.ToCore() ?? Staleness);
}
