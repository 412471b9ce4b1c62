using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client.Calls;
using Grpc.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>A call while it is served: what the handler sees of it, and how its response begins, goes on and ends.</summary>
internal sealed class ServerCall : ServerCallContext, IServerCallContextFeature
{
    private readonly IMethod _method;
    private readonly EffectiveOptions _options;
    private readonly ResponseGate _gate = new();

    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;
    private CancellationTokenSource? _deadlineSource;
    private CancellationToken _aborted;
    private TaskCompletionSource? _deadlineEnd;
    private DateTime _deadline = DateTime.MaxValue;
    private bool _hasBody;

    internal ServerCall(HttpContext http, IMethod method, EffectiveOptions options)
    {
        Http = http;
        _method = method;
        _options = options;
        Encoder = new MessageEncoder { MaxSendMessageSize = options.MaxSendMessageSize, Level = options.ResponseCompressionLevel };
        var decoder = new MessageDecoder { MaxReceiveMessageSize = options.MaxReceiveMessageSize };
        Decoder = decoder;
        Reader = new RequestReader(http.Request.BodyReader, decoder);
    }

    public ServerCallContext ServerCallContext => this;

    internal HttpContext Http { get; }

    internal RequestReader Reader { get; }

    internal bool IsPastDeadline { get; private set; }

    internal bool IsEnded => _gate.IsClosed;

    private MessageEncoder Encoder { get; }

    private MessageDecoder Decoder { get; }

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => Http.Request.Host.Value ?? "";

    protected override string PeerCore => PeerIdentity.Address(Http);

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ResponseHeaders.Received(Http.Request.Headers);

    protected override CancellationToken CancellationTokenCore => _deadlineSource?.Token ?? Http.RequestAborted;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore
        => _authContext ??= Http.Connection.ClientCertificate is { } certificate ? PeerIdentity.Of(certificate) : PeerIdentity.Anonymous;

    /// <summary>Reads what the request's headers ask for.</summary>
    internal void Begin()
    {
        var request = Http.Request.Headers;
        if (request.TryGetValue(GrpcProtocol.TimeoutHeader, out var timeout))
        {
            StartDeadline(timeout.ToString());
        }

        if (request.TryGetValue(GrpcProtocol.EncodingHeader, out var encoding))
        {
            Http.Response.Headers[GrpcProtocol.AcceptEncodingHeader] = _options.Compressions.AcceptEncoding;
            Decoder.Encoding = _options.Compressions.Find(encoding.ToString());
        }

        if (_options.ResponseEncoding is { } wanted && request[GrpcProtocol.AcceptEncodingHeader].ToString().Split(',', StringSplitOptions.TrimEntries)
            .Contains(wanted.EncodingName, StringComparer.Ordinal))
        {
            Encoder.Encoding = wanted;
            Http.Response.Headers[GrpcProtocol.EncodingHeader] = wanted.EncodingName;
        }
    }

    /// <summary>The response of a call that has one; it goes out together with the trailers.</summary>
    internal void WriteSingle<T>(Marshaller<T> marshaller, T? message)
        where T : class
    {
        if (StatusCore.StatusCode != StatusCode.OK || IsPastDeadline)
        {
            return;
        }

        if (message is null)
        {
            throw MessageFrame.Fault(StatusCode.Cancelled, "No message returned from method.");
        }

        if (_gate.TryEnter())
        {
            Encode(marshaller, message, WriteOptionsCore);
        }
    }

    /// <summary>One of many responses; done when HTTP/2's windows had room for it.</summary>
    internal async Task WriteAsync<T>(Marshaller<T> marshaller, T message, WriteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(message);
        Enter("write the message because the previous write is in progress");
        try
        {
            Encode(marshaller, message, options ?? WriteOptionsCore);
            if (!(options ?? WriteOptionsCore ?? WriteOptions.Default).Flags.HasFlag(WriteFlags.BufferHint))
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Sends the status, unless the deadline has done so or nobody is there to receive it.</summary>
    internal Task EndAsync()
    {
        if (!_gate.TryClose() && _gate.IsClosed)
        {
            return _deadlineEnd?.Task ?? Task.CompletedTask;
        }

        _gate.Close();
        if (!Http.RequestAborted.IsCancellationRequested)
        {
            WriteEnd(IsPastDeadline ? DeadlineStatus : StatusCore);
        }

        _deadlineSource?.Dispose();
        return Task.CompletedTask;
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        Enter("send response headers while a message is written");
        try
        {
            if (Http.Response.HasStarted || _hasBody)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call, before the first message.");
            }

            if (responseHeaders.GetValue(GrpcProtocol.RequestedEncodingHeader) is { } encoding)
            {
                Encoder.Encoding = _options.Compressions.Find(encoding);
                Http.Response.Headers[GrpcProtocol.EncodingHeader] = encoding;
            }

            ResponseHeaders.Add(Http.Response.Headers, responseHeaders);
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options)
    {
        options ??= ContextPropagationOptions.Default;
        return new PropagationToken(
            options.IsPropagateDeadline && _deadline != DateTime.MaxValue ? _deadline : null,
            options.IsPropagateCancellation ? CancellationTokenCore : default);
    }

    private static Status DeadlineStatus => new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    private void StartDeadline(string header)
    {
        if (!GrpcTimeout.TryParse(header, out var timeout))
        {
            throw MessageFrame.Fault(StatusCode.Internal, string.Create(
                CultureInfo.InvariantCulture, $"Malformed grpc-timeout: '{header}'. It is up to eight digits and one of the units n, u, m, S, M and H."));
        }

        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        _deadline = timeout > DateTime.MaxValue - now ? DateTime.MaxValue : now + timeout;
        _deadlineEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _aborted = Http.RequestAborted;
        _deadlineSource = CancellationTokenSource.CreateLinkedTokenSource(_aborted);
        _deadlineSource.Token.UnsafeRegister(static call => ((ServerCall)call!).OnCancelled(), this);
        if (timeout == TimeSpan.Zero)
        {
            _deadlineSource.Cancel();
        }
        else
        {
            _deadlineSource.CancelAfter(timeout < GrpcProtocol.LongestTimer ? timeout : Timeout.InfiniteTimeSpan);
        }
    }

    // A handler that does not look at its token still ends in time for the caller.
    private void OnCancelled()
    {
        // Kept since the start: a request that was aborted may be taken apart by now.
        if (_aborted.IsCancellationRequested)
        {
            return;
        }

        IsPastDeadline = true;
        if (_gate.TryClose())
        {
            _ = EndAtDeadlineAsync();
        }
    }

    private async Task EndAtDeadlineAsync()
    {
        try
        {
            WriteEnd(DeadlineStatus);
            await Http.Response.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection ended first; the handler learns it from its token.
        }
        finally
        {
            _deadlineEnd!.TrySetResult();
        }
    }

    private void Enter(string purpose)
    {
        CancellationTokenCore.ThrowIfCancellationRequested();
        if (!_gate.TryEnter())
        {
            throw new InvalidOperationException(_gate.IsClosed ? "The call is complete: nothing can be sent any more." : $"Can't {purpose}.");
        }
    }

    private void Encode<T>(Marshaller<T> marshaller, T message, WriteOptions? options)
    {
        _hasBody = true;
        Encoder.Encode(marshaller, message, Http.Response.BodyWriter, options?.Flags ?? default);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await Http.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
        CancellationTokenCore.ThrowIfCancellationRequested();
    }

    private void WriteEnd(Status status)
    {
        if (Encoder.IsTorn)
        {
            const int InternalError = 2;
            Http.Features.Get<IHttpResetFeature>()?.Reset(InternalError);
            return;
        }

        var target = Http.Response.HasStarted || _hasBody
            ? Http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers ?? throw new InvalidOperationException("This server has no trailers.")
            : Http.Response.Headers;
        try
        {
            if (_responseTrailers is not null)
            {
                ResponseHeaders.Add(target, _responseTrailers);
            }
        }
        catch (InvalidOperationException broken)
        {
            status = new Status(StatusCode.Internal, broken.Message);
        }

        ResponseHeaders.SetStatus(target, status);
    }
}
