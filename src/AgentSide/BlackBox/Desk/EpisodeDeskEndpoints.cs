using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.AgentSide.Environments;
using Forge.Core.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Forge.AgentSide.BlackBox.Desk;

/// <summary>Offers <see cref="EpisodeDesk"/> over HTTP; every call shows the key of its episode.</summary>
/// <remarks>
/// <code>
/// GET  /e/{episode}/task           the file of FORGE_TASK
/// POST /e/{episode}/tools/{name}   the arguments, a JSON object   → {"text": …, "is_error": …}
/// POST /e/{episode}/reward         {"reward": 0…1, "success"?: …} → {"kept": true}
/// </code>
/// Errors have the shape of OpenAI's. None of them gets better by asking again, and each says so; 400 means that the episode is over.
/// </remarks>
public static class EpisodeDeskEndpoints
{
    private const int MaxBodyBytes = 1 << 20;

    public static void MapEpisodeDesk(this IEndpointRouteBuilder endpoints, EpisodeDesk desk)
    {
        ArgumentNullException.ThrowIfNull(desk);
        var episode = endpoints.MapGroup("/e/{episode}").AllowAnonymous();
        episode.MapGet("/task", (string episode, HttpContext call) => Known(desk, episode, call, out var entry, out var refusal)
            ? Results.Text(entry.TaskJson, "application/json")
            : refusal);
        episode.MapPost("/tools/{name}", async (string episode, string name, HttpContext call) => Known(desk, episode, call, out var entry, out var refusal)
            ? await CallToolAsync(entry, name, call)
            : refusal);
        episode.MapPost("/reward", async (string episode, HttpContext call) => Known(desk, episode, call, out var entry, out var refusal)
            ? await PostRewardAsync(entry, call)
            : refusal);
    }

    private static bool Known(EpisodeDesk desk, string episode, HttpContext call, out DeskEpisode entry, out IResult refusal)
    {
        call.Response.Headers["x-should-retry"] = "false";
        entry = desk.Find(episode)!;
        refusal = entry is null
            ? Refuse(StatusCodes.Status400BadRequest, $"Episode '{episode}' is not played here: it is over, or has not begun. Stop calling.")
            : Refuse(StatusCodes.Status401Unauthorized, $"The key is not the one of episode '{episode}'. Send OPENAI_API_KEY as a bearer token.");
        return entry is not null && entry.Accepts(KeyOf(call.Request));
    }

    private static async Task<IResult> CallToolAsync(DeskEpisode entry, string name, HttpContext call)
    {
        if (await BodyAsync(call) is not { } arguments)
        {
            return TooLarge();
        }

        try
        {
            return await entry.CallToolAsync(name, arguments, call.RequestAborted) is { } observation
                ? Results.Json(new JsonObject { ["text"] = observation.Text, ["is_error"] = observation.IsError })
                : Refuse(StatusCodes.Status400BadRequest, "The episode is over, or has used up its tool calls (agent_side.program.max_tool_calls).");
        }
        catch (EnvironmentFaultException fault)
        {
            return Refuse(StatusCodes.Status500InternalServerError, fault.Message, "server_error");
        }
        catch (OperationCanceledException)
        {
            return Refuse(StatusCodes.Status400BadRequest, "The episode's time is up.");
        }
    }

    private static async Task<IResult> PostRewardAsync(DeskEpisode entry, HttpContext call)
    {
        if (!entry.TakesRewards)
        {
            return Refuse(
                StatusCodes.Status403Forbidden,
                "This run's verifier scores the episode; a posted reward does not count. Set agent_side.program.reward=program to take the program's word.");
        }

        if (await BodyAsync(call) is not { } body)
        {
            return TooLarge();
        }

        return ReadScore(body) is { } score
            ? await entry.PostAsync(score, call.RequestAborted)
                ? Results.Json(new JsonObject { ["kept"] = true })
                : Refuse(StatusCodes.Status400BadRequest, "The episode is over; the reward came too late.")
            : Refuse(StatusCodes.Status422UnprocessableEntity, $"A reward is {{\"reward\": 0 to 1, \"success\"?: true or false}}, not {Shortened(body)}");
    }

    // A reward without a word on success is one when nothing is missing.
    private static EnvironmentScore? ReadScore(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("reward", out var reward)
                || reward.ValueKind != JsonValueKind.Number || reward.GetDouble() is not (>= 0 and <= 1))
            {
                return null;
            }

            var said = document.RootElement.TryGetProperty("success", out var success) ? success.ValueKind : JsonValueKind.Null;
            return said is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null
                ? new EnvironmentScore(reward.GetDouble(), said == JsonValueKind.Null ? reward.GetDouble() >= 1 : said == JsonValueKind.True)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<string?> BodyAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await call.Request.Body.ReadAsync(buffer, call.RequestAborted)) > 0)
        {
            if (body.Length + read > MaxBodyBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return System.Text.Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }

    private static string? KeyOf(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : request.Headers["x-api-key"].ToString();
    }

    private static IResult TooLarge() => Refuse(StatusCodes.Status413PayloadTooLarge, $"The body has more than {MaxBodyBytes} bytes.");

    private static IResult Refuse(int status, string message, string type = "invalid_request_error") => Results.Json(
        new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = null } }, statusCode: status);

    private static string Shortened(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
