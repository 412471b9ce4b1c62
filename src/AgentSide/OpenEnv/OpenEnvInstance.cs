using System.Text.Json.Nodes;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Faults;

namespace Forge.AgentSide.OpenEnv;

/// <summary>One episode on an OpenEnv server.</summary>
internal sealed class OpenEnvInstance(OpenEnvTask task, OpenEnvOptions options, SemaphoreSlim places) : IEnvironmentInstance
{
    private OpenEnvConnection? _connection;
    private bool _hasPlace;
    private bool _isOver;
    private double _reward;

    public async ValueTask<string> BeginAsync(CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        _hasPlace = true;
        _connection = await OpenEnvConnection.ConnectAsync(options, cancellationToken);
        var reply = await _connection.ResetAsync(task.ResetSeed, task.Reference.Id.Value, cancellationToken);
        return reply.IsError ? throw Refusal(reply) : Take(reply);
    }

    public async Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
    {
        if (name != OpenEnvEnvironment.Tool)
        {
            return ToolObservation.Invalid("no such tool");
        }

        using var arguments = ToolArguments.Parse(argumentsJson);
        if (arguments is null)
        {
            return ToolObservation.Invalid("arguments are not an object");
        }

        if (_connection is null)
        {
            throw new InvalidOperationException("The episode was not begun.");
        }

        if (_isOver)
        {
            return ToolObservation.Failed("the episode is over");
        }

        var reply = await _connection.StepAsync(JsonObject.Create(arguments.RootElement)!, cancellationToken);
        return !reply.IsError ? ToolObservation.Ok(Take(reply))
            : reply.IsSendersFault ? ToolObservation.Invalid(reply.Message)
            : reply.Code == "EXECUTION_ERROR" ? ToolObservation.Failed(reply.Message)
            : throw Refusal(reply);
    }

    /// <summary>The server's rewards decide; what the agent says at the end does not count.</summary>
    public EnvironmentScore Score(string finalAnswer) => new(
        Math.Clamp((_reward - options.LowestReward) / (options.HighestReward - options.LowestReward), 0, 1), _reward >= options.SuccessAt);

    // Goodbye is said in the background; the place is free for another episode once the server has heard it.
    public void Dispose() => _ = LeaveAsync();

    private async Task LeaveAsync()
    {
        var (connection, hasPlace) = (_connection, _hasPlace);
        (_connection, _hasPlace) = (null, false);
        if (connection is not null)
        {
            await connection.CloseAsync();
            connection.Dispose();
        }

        if (hasPlace)
        {
            places.Release();
        }
    }

    private string Take(OpenEnvReply reply)
    {
        _isOver = reply.Done;
        if (reply.Reward is { } reward)
        {
            _reward = options.Reward == OpenEnvReward.Sum ? _reward + reward : reward;
        }

        return Text(reply.Observation) + (_isOver ? "\n(the episode is over)" : "");
    }

    // An observation of one text is that text; anything else is shown as it came.
    private static string Text(JsonNode? observation) => observation switch
    {
        null => "",
        JsonObject { Count: 1 } single when single.First().Value is JsonValue value && value.TryGetValue<string>(out var text) => text,
        _ => observation.ToJsonString(),
    };

    private EnvironmentFaultException Refusal(OpenEnvReply reply) => new(
        $"The OpenEnv server {options.Url} refused: {reply.Code}: {reply.Message}"
        + (reply.Code == "CAPACITY_REACHED" ? " Lower agent_side.environment.open_env.sessions, or raise the server's max_concurrent_envs." : ""));
}
