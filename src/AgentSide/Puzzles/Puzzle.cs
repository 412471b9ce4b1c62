namespace Forge.AgentSide.Puzzles;

/// <summary>A question with one right answer; an environment derives a record when its tools need more.</summary>
/// <param name="Question">What the user asks.</param>
/// <param name="Answer">What the final answer must be.</param>
public record Puzzle(string Question, string Answer);
