using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Demonstrations;

/// <summary>Lets an environment's scripted solver play one task in the real environment, failures and retries included.</summary>
public static class ScriptedEpisode
{
    // A solver that needs more turns than this has met an unlucky streak of failures or does not end.
    private const int MaxTurns = 1000;

    /// <summary>Plays to the end and gives the whole conversation.</summary>
    /// <exception cref="InvalidOperationException">The solver came to no end, or to a wrong answer.</exception>
    public static ImmutableArray<ChatMessage> Play(IEnvironment environment, EnvironmentTask task, ulong episodeSeed)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(task);
        using var instance = environment.Open(task, episodeSeed);
        var solver = environment.Solve(task);
        var messages = ImmutableArray.CreateBuilder<ChatMessage>();
        messages.Add(new ChatMessage { Role = ChatRole.System, Content = environment.SystemPrompt });
        messages.Add(new ChatMessage { Role = ChatRole.User, Content = task.Question });
        ImmutableArray<ToolObservation> observations = [];
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            var message = solver.Next(observations);
            messages.Add(message);
            if (message.ToolCalls.IsEmpty)
            {
                return instance.Score(message.Content).Success
                    ? messages.ToImmutable()
                    : throw new InvalidOperationException($"The solver answers '{message.Content}' to {task.Reference.Id}, which is wrong.");
            }

            observations = [.. message.ToolCalls.Select(call => Call(instance, call))];
            messages.AddRange(observations.Zip(message.ToolCalls, ToMessage));
        }

        throw new InvalidOperationException($"The solver of {task.Reference.Id} did not answer in {MaxTurns} turns.");
    }

    // Tools of environments with scripted solvers answer from memory: there is nothing to wait for.
    private static ToolObservation Call(IEnvironmentInstance instance, ToolCall call)
        => instance.CallToolAsync(call.Name, call.ArgumentsJson, CancellationToken.None).GetAwaiter().GetResult();

    private static ChatMessage ToMessage(ToolObservation observation, ToolCall call)
        => new() { Role = ChatRole.Tool, Content = observation.Text, ToolCallId = call.Id };
}
