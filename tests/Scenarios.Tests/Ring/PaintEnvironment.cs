using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>
/// A task so easy that a tiny policy learns it in seconds: paint with a tool, then name the colour. Which colours please is the
/// environment's secret, so that demonstrations of all of them leave something to learn by reward alone.
/// </summary>
internal sealed class PaintEnvironment(params string[] pleasing) : IEnvironment
{
    public static readonly string[] Colours = ["red", "green", "blue", "grey"];

    public string Name => "paint";

    public ImmutableArray<int> Levels => [1];

    public string SystemPrompt => "Paint.";

    public ImmutableArray<ToolDefinition> Tools { get; } =
        [new("paint", "Paints.", """{"type": "object", "properties": {"c": {"type": "string"}}, "required": ["c"]}""")];

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
    {
        var reference = SplitFence.Reference(this, split, difficulty, seed);
        var random = SplitFence.RandomOf(reference);
        while (true)
        {
            var question = FormattableString.Invariant($"wall {random.Next(1000)}");
            if (SplitFence.SideOf(question) == split)
            {
                return new PaintTask { Reference = reference, Question = question, BaselineTurns = 2, Shown = Colours[random.Next(Colours.Length)] };
            }
        }
    }

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed) => new Wall(pleasing);

    public IScriptedSolver Solve(EnvironmentTask task) => new Painter(((PaintTask)task).Shown);

    public string Guess(EnvironmentTask task, ulong seed) => "";

    private sealed record PaintTask : EnvironmentTask
    {
        public required string Shown { get; init; }
    }

    private sealed class Painter(string colour) : IScriptedSolver
    {
        public ChatMessage Next(ImmutableArray<ToolObservation> observations) => observations.IsEmpty
            ? new ChatMessage
            {
                Role = ChatRole.Assistant,
                ReasoningContent = "hm",
                ToolCalls = [new ToolCall("call_0", "paint", $$"""{"c": "{{colour}}"}""")],
            }
            : new ChatMessage { Role = ChatRole.Assistant, ReasoningContent = "hm", Content = colour };
    }

    private sealed class Wall(string[] pleasing) : IEnvironmentInstance
    {
        private string? _colour;

        public Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _colour = name == "paint" ? Colours.FirstOrDefault(colour => argumentsJson.Contains($"\"{colour}\"", StringComparison.Ordinal)) : null;
            return Task.FromResult(_colour is null ? ToolObservation.Invalid("no paint") : ToolObservation.Ok(_colour));
        }

        public EnvironmentScore Score(string finalAnswer)
            => _colour is not null && pleasing.Contains(_colour) && finalAnswer.Trim() == _colour
                ? EnvironmentScore.Solved
                : EnvironmentScore.Unsolved;

        public void Dispose()
        {
        }
    }
}
