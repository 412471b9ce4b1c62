using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Asks a data pool of another process for groups.</summary>
/// <remarks>
/// <code>
///   ask ──▶ (the pool waits; a call without an answer within the poll's wait is ended and issued again)
///   index ◀── task ──▶ ticket ◀──     from the index on, the call is carried to its end
/// </code>
/// </remarks>
public sealed class GrpcGroupDispatcher(CallInvoker invoker, WireOptions options, TimeProvider time) : IGroupDispatcher
{
    private readonly Wire.GroupDispatcherService.GroupDispatcherServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The data pool", options, time);

    public Task<GroupTicket> DispatchAsync(
        Func<GroupId, CancellationToken, ValueTask<TaskReference>> nextTask, int episodes, CancellationToken cancellationToken)
        => _calls.PollAsync(token => AskAsync(nextTask, episodes, token), cancellationToken);

    private async Task<GroupTicket?> AskAsync(
        Func<GroupId, CancellationToken, ValueTask<TaskReference>> nextTask, int episodes, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.PollWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var call = _client.Dispatch(_calls.For(options.PollWait + options.CallTimeout, cancellationToken));
        try
        {
            await call.RequestStream.WriteAsync(new Wire.DispatchRequest { Ask = new Wire.DispatchAsk { Episodes = episodes } }, either.Token);
            await NextAsync(call, either.Token);
        }
        catch (Exception error) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested && IsCancellation(error))
        {
            return null;
        }

        if (call.ResponseStream.Current.StepCase == Wire.DispatchResponse.StepOneofCase.Index)
        {
            var task = await nextTask(new GroupId(call.ResponseStream.Current.Index), cancellationToken);
            await call.RequestStream.WriteAsync(new Wire.DispatchRequest { Task = task.ToWire() }, cancellationToken);
            await NextAsync(call, cancellationToken);
        }

        await call.RequestStream.CompleteAsync();
        return WireFields.Required(call.ResponseStream.Current.Ticket, "ticket at the end of a dispatch").ToCore();
    }

    private static async Task NextAsync(AsyncDuplexStreamingCall<Wire.DispatchRequest, Wire.DispatchResponse> call, CancellationToken cancellationToken)
    {
        if (!await call.ResponseStream.MoveNext(cancellationToken))
        {
            throw new InvalidDataException("The data pool ended a dispatch without a ticket.");
        }
    }

    private static bool IsCancellation(Exception error)
        => error is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };
}
