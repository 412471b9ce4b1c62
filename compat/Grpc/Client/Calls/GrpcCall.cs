using Grpc.Core;
using Grpc.Shared;

namespace Grpc.Net.Client.Calls;

/// <summary>One call of a method.</summary>
internal sealed class GrpcCall<TRequest, TResponse> : ClientCall
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private MessageContent? _message;
    private RequestStreamContent? _requests;

    internal GrpcCall(GrpcChannel channel, Method<TRequest, TResponse> method, string? host, in CallOptions options)
        : base(channel, method, host, options)
    {
        _method = method;
    }

    internal ClientStreamWriter<TRequest, TResponse>? Writer { get; private set; }

    /// <summary>One request, one response.</summary>
    internal async Task<TResponse> UnaryAsync(TRequest request)
    {
        try
        {
            return await ReadSingleAsync(await Send(Content(request)).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            throw Failure(failure);
        }
    }

    /// <summary>Many requests, one response.</summary>
    internal async Task<TResponse> ClientStreamingAsync()
    {
        try
        {
            return await ReadSingleAsync(await SendRequests().ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            throw Failure(failure);
        }
    }

    /// <summary>One request, many responses.</summary>
    internal ClientStreamReader<TRequest, TResponse> ServerStreaming(TRequest request) => Start(() => Send(Content(request)));

    /// <summary>Many requests, many responses.</summary>
    internal ClientStreamReader<TRequest, TResponse> DuplexStreaming() => Start(SendRequests);

    internal ResponseReader Read(HttpResponseMessage response) => new(response.Content.ReadAsStream(Token), Decoder);

    internal TResponse Take(ResponseReader reader) => reader.Take(_method.ResponseMarshaller);

    internal void Encode(TRequest request, PooledBufferWriter target, WriteOptions? options)
        => Encoder.Encode(_method.RequestMarshaller, request, target, options?.Flags ?? DefaultFlags);

    protected override void OnEnded(bool byServer)
    {
        _message?.Release();
        _requests?.End(byServer);
    }

    private ClientStreamReader<TRequest, TResponse> Start(Func<Task<HttpResponseMessage>> send)
    {
        var reader = new ClientStreamReader<TRequest, TResponse>(this);
        reader.Begin(Begin(send));
        return reader;
    }

    private MessageContent Content(TRequest request)
    {
        ChooseEncoding();
        var frame = new PooledBufferWriter();
        Encode(request, frame, null);
        _message = new MessageContent(frame);
        return _message;
    }

    // What can't be sent fails like what could not be.
    private static Task<HttpResponseMessage> Begin(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            return send();
        }
        catch (Exception failure) when (failure is not ObjectDisposedException)
        {
            return Task.FromException<HttpResponseMessage>(failure);
        }
    }

    private Task<HttpResponseMessage> SendRequests()
    {
        _requests = new RequestStreamContent();
        Writer = new ClientStreamWriter<TRequest, TResponse>(this, _requests);
        ChooseEncoding();
        return Send(_requests);
    }

    private async Task<TResponse> ReadSingleAsync(HttpResponseMessage response)
    {
        using var reader = Read(response);
        TResponse? message = null;
        if (await reader.MoveNextAsync(Token).ConfigureAwait(false))
        {
            message = Take(reader);
            if (await reader.MoveNextAsync(Token).ConfigureAwait(false))
            {
                throw MessageFrame.Fault(StatusCode.Internal, "The server sent more than one message as the response of a call that has one.");
            }
        }

        if (EndWithTrailers(response, lacksMessage: message is null).StatusCode != StatusCode.OK)
        {
            throw EndException();
        }

        response.Dispose();
        return message!;
    }
}
