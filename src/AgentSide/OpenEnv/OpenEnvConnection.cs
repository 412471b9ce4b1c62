using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Core.Faults;

namespace Forge.AgentSide.OpenEnv;

/// <summary>
/// One session of an OpenEnv server: a WebSocket at <c>/ws</c>, a message out and a message back. One connection is one environment,
/// which the server ends with it. Calls are made one after the other.
/// </summary>
internal sealed class OpenEnvConnection : IDisposable
{
    // The server frees the session when the connection is gone, whether or not it heard the word.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly ClientWebSocket _socket = new();
    private readonly OpenEnvOptions _options;

    private OpenEnvConnection(OpenEnvOptions options) => _options = options;

    /// <exception cref="EnvironmentFaultException">Nobody answers there, or somebody who speaks something else.</exception>
    public static async Task<OpenEnvConnection> ConnectAsync(OpenEnvOptions options, CancellationToken cancellationToken)
    {
        var connection = new OpenEnvConnection(options);
        var address = AddressOf(options.Url);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            await connection._socket.ConnectAsync(address, limit.Token);
            return connection;
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException)
        {
            connection.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new EnvironmentFaultException(
                $"The OpenEnv server {address} can't be reached ({fault.Message}). Start it, or correct agent_side.environment.open_env.url.", fault);
        }
    }

    /// <summary>Starts an episode anew.</summary>
    public Task<OpenEnvReply> ResetAsync(int seed, string episode, CancellationToken cancellationToken)
        => AskAsync("reset", new JsonObject { ["seed"] = seed, ["episode_id"] = episode }, "observation", cancellationToken);

    /// <summary>Acts; the action's fields are the message's data.</summary>
    public Task<OpenEnvReply> StepAsync(JsonObject action, CancellationToken cancellationToken)
        => AskAsync("step", action, "observation", cancellationToken);

    /// <summary>What the server says of the episode: its id, its steps, and what else it tells.</summary>
    public Task<OpenEnvReply> StateAsync(CancellationToken cancellationToken) => AskAsync("state", null, "state", cancellationToken);

    /// <summary>Says goodbye and hangs up; never throws for what the other side does.</summary>
    public async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(Farewell);
        try
        {
            await SendAsync("close", null, limit.Token);
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            _socket.Abort();
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Uri AddressOf(string url)
    {
        var builder = new UriBuilder(url);
        builder.Scheme = builder.Scheme == "https" ? "wss" : "ws";
        builder.Path = builder.Path.TrimEnd('/') + "/ws";
        return builder.Uri;
    }

    private async Task<OpenEnvReply> AskAsync(string type, JsonObject? data, string expected, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.MessageTimeout);
        try
        {
            await SendAsync(type, data, limit.Token);
            var reply = await ReceiveAsync(limit.Token);
            return reply.IsError || reply.Type == expected ? reply : throw Fault($"answered '{reply.Type}' to '{type}', which asks for '{expected}'");
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fault($"did not answer '{type}' within {_options.MessageTimeout} (message_timeout)", fault);
        }
        catch (WebSocketException fault)
        {
            throw Fault($"hung up on '{type}': {fault.Message}", fault);
        }
    }

    private async Task SendAsync(string type, JsonObject? data, CancellationToken cancellationToken)
    {
        var message = new JsonObject { ["type"] = type };
        if (data is not null)
        {
            message["data"] = data;
        }

        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    private async Task<OpenEnvReply> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer.GetMemory(4096), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw Fault($"ended the session: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
            }

            buffer.Advance(received.Count);
            if (buffer.WrittenCount > _options.MaxMessageBytes)
            {
                throw Fault($"sent more than {_options.MaxMessageBytes} bytes in one message (max_message_bytes)");
            }
        }
        while (!received.EndOfMessage);

        return Parse(buffer.WrittenSpan);
    }

    private OpenEnvReply Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            var reply = JsonNode.Parse(message) as JsonObject;
            return reply?["type"] is JsonValue type && type.TryGetValue<string>(out var name)
                ? new OpenEnvReply(name, reply["data"] as JsonObject ?? [])
                : throw Fault("sent a message without a type");
        }
        catch (JsonException fault)
        {
            throw Fault($"sent a message that is no JSON: {fault.Message}", fault);
        }
    }

    private EnvironmentFaultException Fault(string what, Exception? inner = null) => new($"The OpenEnv server {_options.Url} {what}.", inner);
}
