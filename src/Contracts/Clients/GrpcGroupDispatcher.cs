using System.Collections.Immutable;
using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Asks a data pool of another process for tickets, each call bounded and repeated until there is an answer.</summary>
public sealed class GrpcGroupDispatcher(CallInvoker invoker, WireOptions options, TimeProvider time) : IGroupDispatcher
{
    private readonly Wire.GroupDispatcherService.GroupDispatcherServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The data pool", options, time);

    public Task<DispatchReply> DispatchAsync(DispatchRequest request, CancellationToken cancellationToken)
    {
        var message = request.ToWire(options.PollWait);
        return _calls.PollAsync(
            async token =>
            {
                using var call = _client.DispatchAsync(message, _calls.For(options.PollWait + options.CallTimeout, token));
                var reply = (await call.ResponseAsync).ToCore();
                return reply.Ticket is null && reply.Next == request.Next ? null : reply;
            },
            cancellationToken);
    }

    public async Task<ImmutableArray<long>> RenewAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
    {
        var request = new Wire.RenewRequest { Worker = worker.Value, Leases = { leases } };
        return [.. (await _calls.UnaryAsync(call => _client.RenewAsync(request, call), cancellationToken)).Lost];
    }

    public Task ReleaseAsync(WorkerId worker, ImmutableArray<long> leases, CancellationToken cancellationToken)
    {
        var request = new Wire.ReleaseRequest { Worker = worker.Value, Leases = { leases } };
        return _calls.UnaryAsync(call => _client.ReleaseAsync(request, call), cancellationToken);
    }
}
