using System.Text.Json;

namespace Forge.AgentSide.Puzzles;

/// <summary>One turn of a puzzle's scripted player: a call, or the final answer.</summary>
public sealed record PuzzleMove
{
    private PuzzleMove(string thinking, string tool, string text) => (Thinking, Tool, Text) = (thinking, tool, text);

    /// <summary>What the player thinks before it moves; demonstrations teach it.</summary>
    public string Thinking { get; }

    /// <summary>The tool, or empty for the answer.</summary>
    public string Tool { get; }

    /// <summary>The call's arguments as JSON, or the answer.</summary>
    public string Text { get; }

    /// <param name="tool">The tool's name.</param>
    /// <param name="arguments">An object whose properties are the arguments: <c>new { number = 7 }</c>.</param>
    /// <param name="thinking">What the player thinks first; the tool's name when nothing is given.</param>
    public static PuzzleMove Call(string tool, object arguments, string? thinking = null)
        => new(thinking ?? tool, tool, JsonSerializer.Serialize(arguments));

    /// <param name="answer">The final answer.</param>
    /// <param name="thinking">What the player thinks first; the answer when nothing is given.</param>
    public static PuzzleMove Answer(string answer, string? thinking = null) => new(thinking ?? answer, "", answer);
}
