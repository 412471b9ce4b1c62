using Grpc.Core;
using Grpc.Core.Interceptors;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Forge.Hosting.Calls;

/// <summary>Repeats unary calls that may be repeated, within their deadline and the budget, and stops asking a service that does not answer.</summary>
/// <remarks>
/// <code>
/// call ─▶ retry (jitter) ─▶ circuit ─▶ attempt        not sent     → any call again, until its deadline: nobody was asked
///           ▲                            │             interrupted  → repeatable calls again, while the budget lasts
///           └────────────────────────────┘             final        → the caller's
/// </code>
/// </remarks>
internal sealed class RetryInterceptor : Interceptor
{
    private static readonly ResiliencePropertyKey<RetryCall> CallKey = new("forge.call");

    private readonly RepeatableMethods _repeatable;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _pipeline;

    public RetryInterceptor(RepeatableMethods repeatable, TimeProvider time, Random random)
    {
        (_repeatable, _time) = (repeatable, time);
        var randomness = new Lock();
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
                Randomizer = () =>
                {
                    lock (randomness)
                    {
                        return random.NextDouble();
                    }
                },
                ShouldHandle = args => ValueTask.FromResult(MayRepeat(args.Context.Properties.GetValue(CallKey, null!), args.Outcome.Exception)),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(1),
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is RpcException && CallFailures.Of(args.Outcome.Exception) != CallFailure.Final),
            })
            .Build();
    }

    public RetryBudget Budget { get; } = new();

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        Budget.Earn();
        var call = new RetryCall(_repeatable.Contains(context.Method), context.Options.Deadline ?? DateTime.MaxValue);
        var last = new LastCall<TResponse>();
        return new AsyncUnaryCall<TResponse>(
            RunAsync(request, context, continuation, call, last), last.HeadersAsync(), last.Status, last.Trailers, last.Dispose);
    }

    private async Task<TResponse> RunAsync<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation,
        RetryCall call, LastCall<TResponse> last)
        where TRequest : class
        where TResponse : class
    {
        using var deadline = new CancellationTokenSource(call.Remaining(_time), _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.Options.CancellationToken, last.Cancelled, deadline.Token);
        var resilience = ResilienceContextPool.Shared.Get(end.Token);
        resilience.Properties.Set(CallKey, call);
        try
        {
            return await _pipeline.ExecuteAsync(async _ => await last.Set(continuation(request, context)).ResponseAsync, resilience);
        }
        catch (BrokenCircuitException open)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "it failed most of its calls of the last seconds and is not asked for a moment", open));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            var isLate = deadline.IsCancellationRequested && !context.Options.CancellationToken.IsCancellationRequested;
            throw isLate && call.LastFailure is { } failure ? failure : new RpcException(isLate
                ? new Status(StatusCode.DeadlineExceeded, "no attempt was answered in time")
                : new Status(StatusCode.Cancelled, "the caller gave up"));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(resilience);
            last.Ended();
        }
    }

    private bool MayRepeat(RetryCall call, Exception? error)
    {
        call.LastFailure = error as RpcException ?? call.LastFailure;
        return CallFailures.Of(error) switch
        {
            CallFailure.NotSent => call.Remaining(_time) > TimeSpan.Zero,
            CallFailure.Interrupted => call.IsRepeatable && call.Remaining(_time) > TimeSpan.Zero && Budget.TrySpend(),
            _ => false,
        };
    }
}
