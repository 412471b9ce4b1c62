namespace Forge.AgentSide.Mcp;

/// <summary>One line of a file of questions.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Answer">What the final answer must be.</param>
public sealed record McpQuestion(string Question, string Answer);
