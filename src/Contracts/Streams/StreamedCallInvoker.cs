using Forge.Contracts.V1;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>
/// Sends the small unary calls of <see cref="StreamedServices"/> over one stream, many in a message, and every other call as it is. To those who
/// call there is no difference: deadlines, cancellation, statuses and trailers are those of a call of its own. Safe for concurrent use.
/// </summary>
/// <remarks>
/// <code>
/// client ─▶ retries ─▶ StreamedCallInvoker ─┬─ small, often ─▶ outbox ─▶ CallStreamService.Exchange ─▶ StreamedMethods ─▶ the service
///                                           └─ everything else ─▶ a call of its own ────────────────────────────────────▶ the service
/// </code>
/// The stream opens with the first call and again after it ended. Headers of a call are not sent: its key is that of the stream.
/// </remarks>
public sealed class StreamedCallInvoker(CallInvoker channel, TimeProvider time) : CallInvoker, IDisposable
{
    // Longer requests would hold up the small ones behind them.
    private const int LongestRequest = 256 << 10;

    private static readonly Task<Metadata> NoHeaders = Task.FromResult<Metadata>([]);

    private readonly CallStreamService.CallStreamServiceClient _client = new(channel);
    private readonly Lock _lock = new();
    private CallStream? _stream;
    private bool _isDisposed;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (!StreamedServices.Contains(method.ServiceName) || method.RequestMarshaller.Serializer(request) is not { Length: <= LongestRequest } bytes)
        {
            return channel.AsyncUnaryCall(method, host, options, request);
        }

        var timeout = options.Deadline is { } deadline && deadline != DateTime.MaxValue ? deadline - time.GetUtcNow().UtcDateTime : (TimeSpan?)null;
        var call = new PendingCall(timeout, time);
        Stream().Send(method, options, bytes, timeout, call);
        return new AsyncUnaryCall<TResponse>(
            ReceiveAsync(call, method.ResponseMarshaller), NoHeaders, () => StatusOf(call), () => TrailersOf(call),
            call.Abandon);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        => channel.BlockingUnaryCall(method, host, options, request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        => channel.AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        => channel.AsyncClientStreamingCall(method, host, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        => channel.AsyncDuplexStreamingCall(method, host, options);

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _stream?.Close();
        }
    }

    private CallStream Stream()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _stream is { IsOpen: true } open ? open : _stream = new CallStream(_client, OutboxLimits.Default, time);
        }
    }

    private static async Task<TResponse> ReceiveAsync<TResponse>(PendingCall call, Marshaller<TResponse> marshaller)
    {
        try
        {
            var answer = await call.Answer;
            return answer.Status == (int)StatusCode.OK
                ? marshaller.Deserializer(answer.Response.ToByteArray())
                : throw new RpcException(new Status((StatusCode)answer.Status, answer.Detail), Trailers(answer));
        }
        finally
        {
            call.Dispose();
        }
    }

    private static Status StatusOf(PendingCall call) => call.Answer switch
    {
        { IsCompletedSuccessfully: true, Result: var answer } => new Status((StatusCode)answer.Status, answer.Detail),
        { Exception.InnerException: RpcException error } => error.Status,
        _ => throw new InvalidOperationException("The call has no status before it ended."),
    };

    private static Metadata TrailersOf(PendingCall call) => call.Answer is { IsCompletedSuccessfully: true, Result: var answer } ? Trailers(answer) : [];

    private static Metadata Trailers(StreamedAnswer answer)
    {
        var trailers = new Metadata();
        foreach (var (key, value) in answer.Trailers)
        {
            trailers.Add(key, value);
        }

        return trailers;
    }
}
