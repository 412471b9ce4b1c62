using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Forge.Hosting.Injection;

/// <summary>Makes the faults of a <see cref="FaultPlan"/> in this process's own calls.</summary>
internal sealed class FaultInjectionInterceptor(FaultPlan plan, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var fate = plan.Next(context.Method.FullName);
        if (fate == default)
        {
            return continuation(request, context);
        }

        var status = new Status(StatusCode.OK, "");
        return new AsyncUnaryCall<TResponse>(RunAsync(), Task.FromResult<Metadata>([]), () => status, () => [], () => { });

        async Task<TResponse> RunAsync()
        {
            try
            {
                await BeforeAsync(fate, context.Options);
                using var call = continuation(request, context);
                var response = await call.ResponseAsync;
                return fate.Kind == FaultKind.ErrorAfter ? throw Lost() : response;
            }
            catch (RpcException error)
            {
                status = error.Status;
                throw;
            }
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var fate = plan.Next(context.Method.FullName);
        if (fate == default)
        {
            return continuation(request, context);
        }

        if (fate.Kind is FaultKind.None or FaultKind.ErrorAfter)
        {
            var call = continuation(request, context);
            return new AsyncServerStreamingCall<TResponse>(
                new FaultyReader<TResponse>(call.ResponseStream, this, fate, context.Options), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        return new AsyncServerStreamingCall<TResponse>(
            new FaultyReader<TResponse>(null, this, fate, context.Options), Task.FromResult<Metadata>([]), () => Refused().Status, () => [], () => { });
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var fate = plan.Next(context.Method.FullName);
        var call = continuation(context);
        return fate == default
            ? call
            : new AsyncClientStreamingCall<TRequest, TResponse>(
                call.RequestStream, AnsweredAsync(call, fate, context.Options), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var fate = plan.Next(context.Method.FullName);
        var call = continuation(context);
        return fate == default
            ? call
            : new AsyncDuplexStreamingCall<TRequest, TResponse>(
                call.RequestStream, new FaultyReader<TResponse>(call.ResponseStream, this, fate, context.Options),
                call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    /// <summary>Delays, drops or refuses a call that is about to start.</summary>
    internal async Task BeforeAsync(FaultDecision fate, CallOptions options)
    {
        if (fate.Delay > TimeSpan.Zero)
        {
            await Task.Delay(fate.Delay, time, options.CancellationToken);
        }

        if (fate.Kind == FaultKind.ErrorBefore)
        {
            throw Refused();
        }

        if (fate.Kind == FaultKind.Drop)
        {
            var left = (options.Deadline ?? DateTime.MaxValue) - time.GetUtcNow().UtcDateTime;
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, options.CancellationToken);
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "injected fault: the call was dropped"));
        }
    }

    internal static RpcException Lost() => new(new Status(StatusCode.Unavailable, "injected fault: the answer was lost"));

    private static RpcException Refused() => new(new Status(StatusCode.Unavailable, "injected fault: the call did not reach the service"));

    private async Task<TResponse> AnsweredAsync<TRequest, TResponse>(AsyncClientStreamingCall<TRequest, TResponse> call, FaultDecision fate, CallOptions options)
    {
        await BeforeAsync(fate, options);
        var response = await call.ResponseAsync;
        return fate.Kind == FaultKind.ErrorAfter ? throw Lost() : response;
    }
}
