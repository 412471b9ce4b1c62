using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;

namespace Forge.AgentSide.Examination;

/// <summary>One task as its scripted player played it.</summary>
/// <param name="Task">What was asked.</param>
/// <param name="Opening">What the world showed at its start.</param>
/// <param name="Messages">The player's.</param>
/// <param name="Observations">The results of each message's calls; one list shorter than the messages.</param>
internal sealed record ScriptedPlay(
    EnvironmentTask Task, string Opening, ImmutableArray<ChatMessage> Messages, ImmutableArray<ImmutableArray<ToolObservation>> Observations)
{
    private const int MostTurns = 1000;

    public string Answer => Messages[^1].Content.Trim();

    public int Calls => Messages.Sum(message => message.ToolCalls.Length);

    /// <summary>Everything that was asked, done and shown, for comparison.</summary>
    public string Transcript => string.Join('\n',
        [
            Task.Question, Opening,
            .. Messages.Select(message => $"{message.ReasoningContent}|{message.Content}|"
                + string.Join(';', message.ToolCalls.Select(call => $"{call.Name} {call.ArgumentsJson}"))),
            .. Observations.Select(results => string.Join(';', results.Select(result => $"{result.Outcome} {result.Text}"))),
        ]);

    /// <exception cref="InvalidOperationException">The player does not come to an end.</exception>
    public static async Task<ScriptedPlay> PlayAsync(
        IEnvironment environment, EnvironmentTask task, IEnvironmentInstance instance, CancellationToken cancellationToken)
    {
        var opening = await instance.BeginAsync(cancellationToken);
        var solver = environment.Solve(task);
        var messages = ImmutableArray.CreateBuilder<ChatMessage>();
        var observations = ImmutableArray.CreateBuilder<ImmutableArray<ToolObservation>>();
        ImmutableArray<ToolObservation> results = [];
        while (messages.Count < MostTurns)
        {
            var message = solver.Next(results);
            messages.Add(message);
            if (message.ToolCalls.IsEmpty)
            {
                return new ScriptedPlay(task, opening, messages.ToImmutable(), observations.ToImmutable());
            }

            var called = ImmutableArray.CreateBuilder<ToolObservation>();
            foreach (var call in message.ToolCalls)
            {
                called.Add(await instance.CallToolAsync(call.Name, call.ArgumentsJson, cancellationToken));
            }

            results = called.ToImmutable();
            observations.Add(results);
        }

        throw new InvalidOperationException($"The player of '{task.Question}' did not answer in {MostTurns} turns.");
    }
}
