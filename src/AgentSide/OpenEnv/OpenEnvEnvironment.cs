using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.AgentSide.Environments;
using Forge.Core.Chat;
using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.AgentSide.OpenEnv;

/// <summary>
/// Plays on a server of the OpenEnv protocol. Its action becomes the tool <c>step</c>, with the schema that the server publishes; a task is a
/// seed of its reset; its rewards are the outcome.
/// </summary>
public sealed class OpenEnvEnvironment : IEnvironment
{
    internal const string Tool = "step";

    private readonly OpenEnvOptions _options;
    private readonly SemaphoreSlim _places;

    /// <param name="options">The server.</param>
    /// <param name="actionSchema">The JSON schema of an action.</param>
    public OpenEnvEnvironment(OpenEnvOptions options, string actionSchema)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _places) = (options, new SemaphoreSlim(options.Sessions));
        Tools = [new ToolDefinition(Tool, "Acts in the environment.", actionSchema)];
    }

    public string Name => "open_env";

    public ImmutableArray<int> Levels => [1];

    public string SystemPrompt => _options.Instruction;

    public ImmutableArray<ToolDefinition> Tools { get; }

    public bool HasSolver => false;

    /// <summary>Asks the server what an action is.</summary>
    /// <exception cref="ForgeException">It does not answer, or not as the protocol says.</exception>
    public static OpenEnvEnvironment Connect(OpenEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = $"{options.Url.TrimEnd('/')}/schema";
        using var client = new HttpClient { Timeout = options.ConnectTimeout };
        try
        {
            using var response = client.Send(new HttpRequestMessage(HttpMethod.Get, address));
            using var body = response.EnsureSuccessStatusCode().Content.ReadAsStream();
            return new OpenEnvEnvironment(options, ActionOf(JsonNode.Parse(body)));
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException or JsonException or InvalidDataException)
        {
            throw new ForgeException(
                $"The OpenEnv server did not say what an action is ({address}: {fault.Message}). Start it, or correct agent_side.environment.open_env.url.", fault);
        }
    }

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
    {
        var reference = SplitFence.Reference(this, split, difficulty, seed);
        var random = SplitFence.RandomOf(reference);
        while (true)
        {
            var reset = random.Next(int.MaxValue);
            if (SplitFence.SideOf(OpenEnvTask.KeyOf(reset)) == split)
            {
                return new OpenEnvTask { Reference = reference, Question = "Begin.", BaselineTurns = 1, ResetSeed = reset };
            }
        }
    }

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed) => new OpenEnvInstance((OpenEnvTask)task, _options, _places);

    public IScriptedSolver Solve(EnvironmentTask task)
        => throw new NotSupportedException("An OpenEnv server shows no one how to play: there is no scripted player, and no demonstrations.");

    public string Guess(EnvironmentTask task, ulong seed) => "";

    // What every action carries besides its own fields is not the model's to fill.
    private static string ActionOf(JsonNode? schema)
    {
        if (schema?["action"] is not JsonObject action || action["properties"] is not JsonObject properties)
        {
            throw new InvalidDataException("there is no 'action' with 'properties' in the answer");
        }

        properties.Remove("metadata");
        return action.ToJsonString();
    }
}
