using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>
/// The life of one call, whatever its kind: it ends once, with the first of the server's status, a cancellation, the deadline and a
/// failure. Whoever ends it resets the stream, unless the response was read to its end.
/// </summary>
internal abstract class ClientCall : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly CallOptions _options;
    private readonly IMethod _method;
    private readonly string? _host;
    private readonly Lock _lock = new();

    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _parentRegistration;
    private CancellationTokenRegistration _deadlineRegistration;
    private HttpResponseMessage? _response;
    private Task<HttpResponseMessage>? _responseTask;
    private Status? _status;
    private Metadata? _trailers;
    private Metadata? _headers;

    protected ClientCall(GrpcChannel channel, IMethod method, string? host, in CallOptions options)
    {
        Channel = channel;
        _method = method;
        _host = host;
        _options = options;
        Encoder = new MessageEncoder { MaxSendMessageSize = channel.MaxSendMessageSize };
        Decoder = new MessageDecoder { MaxReceiveMessageSize = channel.MaxReceiveMessageSize };
    }

    protected GrpcChannel Channel { get; }

    protected MessageEncoder Encoder { get; }

    protected MessageDecoder Decoder { get; }

    protected WriteFlags DefaultFlags => _options.WriteOptions?.Flags ?? default;

    /// <summary>Cancelled when the call ends before its response did.</summary>
    internal CancellationToken Token { get; private set; }

    internal bool HasEnded => Volatile.Read(ref _trailers) is not null;

    internal async Task<Metadata> GetResponseHeadersAsync()
    {
        try
        {
            var response = await (_responseTask ?? throw EndException()).ConfigureAwait(false);
            return _headers ??= ResponseHead.MetadataIn(response.Headers.NonValidated);
        }
        catch (Exception failure)
        {
            throw Failure(failure);
        }
    }

    internal Status GetStatus()
        => HasEnded ? _status!.Value : throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    internal Metadata GetTrailers()
        => HasEnded ? _trailers! : throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");

    public void Dispose() => Cancel(new Status(StatusCode.Cancelled, "gRPC call disposed."));

    /// <summary>Ends the call from this side.</summary>
    internal void Cancel(Status status) => Cancel(status, Metadata.Empty);

    /// <summary>Ends the call if nothing has yet, and says what its callers get.</summary>
    internal Exception Failure(Exception exception)
    {
        if (!HasEnded)
        {
            // Only the deadline cancels without ending the call first.
            var rpc = exception as RpcException;
            var status = rpc is null && _cancel.IsCancellationRequested ? DeadlineStatus : HttpErrors.FromException(exception);
            Cancel(status, rpc?.Trailers ?? Metadata.Empty);
        }

        return EndException(exception);
    }

    internal Exception EndException(Exception? inner = null)
    {
        var status = GetStatus();
        var rpc = inner is RpcException known && known.Status.Equals(status) ? known : new RpcException(status, GetTrailers());
        return Channel.ThrowOperationCanceledOnCancellation && status.StatusCode is (StatusCode.Cancelled or StatusCode.DeadlineExceeded)
            ? new OperationCanceledException(status.Detail, rpc, _options.CancellationToken)
            : rpc;
    }

    /// <summary>Sends the request; the task ends with the response's headers.</summary>
    protected Task<HttpResponseMessage> Send(HttpContent content)
    {
        Channel.Enter(this);
        Token = _cancel.Token;
        _responseTask = SendAsync(content);
        return _responseTask;
    }

    protected internal Task<HttpResponseMessage> Response => _responseTask!;

    /// <summary>The body was read to its end: the trailers say how the call ended.</summary>
    internal Status EndWithTrailers(HttpResponseMessage response, bool lacksMessage = false)
    {
        var source = response.TrailingHeaders.NonValidated;
        var status = ResponseHead.StatusIn(source);
        if (status is null)
        {
            source = response.Headers.NonValidated;
            status = ResponseHead.StatusIn(source);
        }

        if (status is null)
        {
            Cancel(new Status(StatusCode.Internal, "The server ended the response without a grpc-status: no trailers arrived."));
        }
        else if (lacksMessage && status.Value.StatusCode == StatusCode.OK)
        {
            Cancel(new Status(StatusCode.Internal, "Failed to deserialize response message: the server sent none."));
        }
        else
        {
            TryEnd(status.Value, ResponseHead.MetadataIn(source), byServer: true);
        }

        return GetStatus();
    }

    /// <summary>Names the compression that the caller asked for; before the first message is encoded.</summary>
    protected void ChooseEncoding()
    {
        if (_options.Headers?.GetValue(GrpcProtocol.RequestedEncodingHeader) is { } encoding)
        {
            Encoder.Encoding = Channel.Compressions.Find(encoding);
        }
    }

    /// <summary>Called once, when the call has ended; by the server's own status, or by this side and what happened to it.</summary>
    protected abstract void OnEnded(bool byServer);

    private static Status DeadlineStatus => new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    private void Cancel(Status status, Metadata trailers)
    {
        if (TryEnd(status, trailers, byServer: false))
        {
            Reset();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpContent content)
    {
        var request = RequestHeaders.Create(Channel, _method, _host, _options, content);
        if (Encoder.Encoding is { } encoding)
        {
            request.Headers.TryAddWithoutValidation(GrpcProtocol.EncodingHeader, encoding.EncodingName);
        }

        StartCancellation(request);
        if (_options.Credentials is not null || Channel.Security.CallCredentials.Count > 0)
        {
            await CallAuthentication.ApplyAsync(Channel.Security, _options.Credentials, _method, request, Token).ConfigureAwait(false);
        }

        Token.ThrowIfCancellationRequested();
        var response = await Channel.SendAsync(request, Token).ConfigureAwait(false);
        Adopt(response);
        if (ResponseHead.Refusal(response) is { } refusal)
        {
            throw new RpcException(refusal, ResponseHead.MetadataIn(response.Headers.NonValidated));
        }

        if (response.Headers.NonValidated.TryGetValues(GrpcProtocol.EncodingHeader, out var used))
        {
            Decoder.Encoding = Channel.Compressions.Find(used.ToString());
        }

        return response;
    }

    private void StartCancellation(HttpRequestMessage request)
    {
        var parent = _options.PropagationToken as PropagationToken;
        if (Deadline(parent) is { } deadline)
        {
            var left = deadline - Channel.Time.GetUtcNow().UtcDateTime;
            if (left <= TimeSpan.Zero)
            {
                throw new RpcException(DeadlineStatus);
            }

            request.Headers.TryAddWithoutValidation(GrpcProtocol.TimeoutHeader, GrpcTimeout.Format(left));
            _deadlineRegistration = Token.UnsafeRegister(static call => ((ClientCall)call!).Cancel(DeadlineStatus), this);
            // A timer may fire a little early by the wall clock; a millisecond more keeps both ends' order.
            _cancel.CancelAfter(left + TimeSpan.FromMilliseconds(1) < GrpcProtocol.LongestTimer ? left + TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan);
        }

        _callerRegistration = CancelWith(_options.CancellationToken);
        _parentRegistration = CancelWith(parent?.CancellationToken ?? default);
    }

    private DateTime? Deadline(PropagationToken? parent)
    {
        var own = _options.Deadline is { } deadline && deadline != DateTime.MaxValue ? deadline : (DateTime?)null;
        if (own is { Kind: not DateTimeKind.Utc } && own != DateTime.MinValue)
        {
            throw new InvalidOperationException($"The deadline {own:O} has the kind {own.Value.Kind}; it must be in UTC.");
        }

        return own is null || parent?.Deadline < own ? parent?.Deadline ?? own : own;
    }

    private CancellationTokenRegistration CancelWith(CancellationToken token)
        => token.UnsafeRegister(static call => ((ClientCall)call!).Cancel(new Status(StatusCode.Cancelled, "Call canceled by the client.")), this);

    // A call that ended while its response was on the way lets go of it here.
    private void Adopt(HttpResponseMessage response)
    {
        bool late;
        lock (_lock)
        {
            _response = response;
            late = _trailers is not null;
        }

        if (late)
        {
            response.Dispose();
            throw EndException();
        }
    }

    private bool TryEnd(Status status, Metadata trailers, bool byServer)
    {
        lock (_lock)
        {
            if (_trailers is not null)
            {
                return false;
            }

            _status = status;
            Volatile.Write(ref _trailers, trailers);
        }

        Channel.Leave(this);
        _callerRegistration.Unregister();
        _parentRegistration.Unregister();
        _deadlineRegistration.Unregister();
        if (!_cancel.IsCancellationRequested)
        {
            _cancel.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        OnEnded(byServer);
        return true;
    }

    private void Reset()
    {
        HttpResponseMessage? response;
        lock (_lock)
        {
            response = _response;
        }

        _cancel.Cancel();
        response?.Dispose();
    }
}
