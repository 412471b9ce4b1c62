using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Grpc.Core;

namespace Forge.Contracts.Clients;

/// <summary>Makes the calls of one wire client: every call has a deadline, and every fault is the one that the port throws in process.</summary>
/// <remarks>
/// Three kinds of calls: made once; repeated, for what must not get lost and may be repeated, which outlasts a service that starts again until the
/// caller gives up; and polled, for waits without a bound, where the service says within <see cref="WireOptions.PollWait"/> that there is nothing yet.
/// </remarks>
internal sealed class WireCalls(string service, WireOptions options, TimeProvider time)
{
    public WireOptions Options => options;

    public TimeProvider Time => time;

    public string Service => service;

    public CallOptions For(TimeSpan timeout, CancellationToken cancellationToken)
        => new(deadline: time.GetUtcNow().UtcDateTime + timeout, cancellationToken: cancellationToken);

    public Task<T> UnaryAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
        => UnaryAsync(call, options.CallTimeout, cancellationToken);

    public Task<T> UnaryAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, TimeSpan timeout, CancellationToken cancellationToken)
        => MappedAsync(
            async () =>
            {
                using var running = call(For(timeout, cancellationToken));
                return await running.ResponseAsync;
            },
            cancellationToken);

    /// <summary>Repeats a call until it is answered or its caller gives up; only faults that may pass are repeated.</summary>
    public async Task<T> RepeatAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await UnaryAsync(call, cancellationToken);
            }
            catch (ForgeException fault) when (fault.IsTransient)
            {
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Issues a call until its answer has what is waited for.</summary>
    /// <param name="attempt">One call, bounded by itself; null when there is nothing yet.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<T> PollAsync<T>(Func<CancellationToken, Task<T?>> attempt, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (await MappedAsync(() => attempt(cancellationToken), cancellationToken) is { } found)
                {
                    return found;
                }
            }
            catch (ForgeException fault) when (fault.IsTransient)
            {
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Throws what the port throws in process.</summary>
    public async Task<T> MappedAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (RpcException error)
        {
            // Cancelling is the caller's own doing, whatever the transport made of it.
            cancellationToken.ThrowIfCancellationRequested();
            throw StatusTable.FromRpc(error, service) is var fault and not OperationCanceledException ? fault
                : new InfrastructureFaultException($"{service} gave the call up: it is ending, or starting again.", error);
        }
    }

    /// <summary>Makes a call whose result nobody waits for; that it failed changes nothing.</summary>
    public void Post<T>(Func<CallOptions, AsyncUnaryCall<T>> call)
        => _ = UnaryAsync(call, CancellationToken.None).ContinueWith(
            task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(options.RetryDelay, time, cancellationToken);
}
