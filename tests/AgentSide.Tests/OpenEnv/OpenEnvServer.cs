using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.AgentSide.Tests.OpenEnv;

/// <summary>
/// A server written from the published OpenEnv protocol: a number is hidden behind the reset's seed, an action is a guess, three misses
/// end the episode. One connection is one environment; messages with extra keys are refused, as the protocol says.
/// </summary>
internal sealed class OpenEnvServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly int _capacity;
    private int _sessions;

    private OpenEnvServer(WebApplication application, int capacity)
    {
        (_application, _capacity) = (application, capacity);
        application.UseWebSockets();
        application.MapGet("/schema", () => Results.Text(Schema, "application/json"));
        application.Map("/ws", AcceptAsync);
    }

    public string Url => _application.Urls.Single();

    public List<string> Episodes { get; } = [];

    /// <summary>Completes when the first session has ended.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers every step with this instead, when it is set.</summary>
    public string? EveryStep { get; init; }

    private static string Schema => """
        {"action": {"title": "Guess", "type": "object", "additionalProperties": false,
          "properties": {"metadata": {"type": "object"}, "number": {"type": "integer"}}, "required": ["number"]},
         "observation": {"type": "object"}, "state": {"type": "object"}}
        """;

    public static int NumberOf(int seed) => seed % 10;

    public static async Task<OpenEnvServer> StartAsync(int capacity = 1, string? everyStep = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new OpenEnvServer(builder.Build(), capacity) { EveryStep = everyStep };
        await server._application.StartAsync(TestContext.Current.CancellationToken).DefaultTimeout();
        return server;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AcceptAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            if (Interlocked.Increment(ref _sessions) > _capacity)
            {
                await SendAsync(socket, Error("CAPACITY_REACHED", "no place left"));
                await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, "capacity", context.RequestAborted);
                return;
            }

            await PlayAsync(socket, context.RequestAborted);
        }
        catch (WebSocketException)
        {
            // The client is gone, and its environment with it.
        }
        finally
        {
            Interlocked.Decrement(ref _sessions);
            Ended.TrySetResult();
        }
    }

    private async Task PlayAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var (number, steps, done) = (-1, 0, false);
        while (await ReceiveAsync(socket, cancellationToken) is { } message)
        {
            var data = message["data"] as JsonObject;
            switch (message["type"]?.GetValue<string>())
            {
                case "reset":
                    (number, steps, done) = (NumberOf(data!["seed"]!.GetValue<int>()), 0, false);
                    Episodes.Add(data["episode_id"]!.GetValue<string>());
                    await SendAsync(socket, Observation("""{"text": "guess a digit"}""", null, false));
                    break;
                case "step" when EveryStep is not null:
                    await SendAsync(socket, EveryStep);
                    break;
                case "step" when data is not { Count: 1 } || data["number"]?.GetValueKind() != JsonValueKind.Number:
                    await SendAsync(socket, Error("VALIDATION_ERROR", "number is required"));
                    break;
                case "step" when data["number"]!.GetValue<int>() < 0:
                    await SendAsync(socket, Error("EXECUTION_ERROR", "there is no such digit"));
                    break;
                case "step":
                    var right = data["number"]!.GetValue<int>() == number;
                    done = right || ++steps == 3;
                    await SendAsync(socket, Observation($$"""{"right": {{(right ? "true" : "false")}}, "steps": {{steps}}}""", right ? 1 : -0.25, done));
                    break;
                case "state":
                    await SendAsync(socket, $$"""{"type": "state", "data": {"episode_id": "{{Episodes[^1]}}", "step_count": {{steps}} } }""");
                    break;
                case "close":
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
                    return;
                default:
                    await SendAsync(socket, Error("UNKNOWN_TYPE", "what is that?"));
                    break;
            }
        }
    }

    private static async Task<JsonObject?> ReceiveAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[65536];
        var received = await socket.ReceiveAsync(buffer, cancellationToken);
        return received.MessageType == WebSocketMessageType.Close ? null : JsonNode.Parse(buffer.AsSpan(0, received.Count))!.AsObject();
    }

    // In two frames of one message, as a server may.
    private static async Task SendAsync(WebSocket socket, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        await socket.SendAsync(bytes.AsMemory(0, 5), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
        await socket.SendAsync(bytes.AsMemory(5), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    private static string Observation(string observation, double? reward, bool done)
        => $$"""{"type": "observation", "data": {"observation": {{observation}}, "reward": {{JsonSerializer.Serialize(reward)}}, "done": {{(done ? "true" : "false")}} } }""";

    private static string Error(string code, string message) => $$"""{"type": "error", "data": {"message": "{{message}}", "code": "{{code}}"} }""";
}
