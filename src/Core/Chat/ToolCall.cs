namespace Forge.Core.Chat;

/// <summary>One call of a tool.</summary>
/// <param name="Id">Unique within the conversation.</param>
/// <param name="Name">The tool's name, as the model wrote it.</param>
/// <param name="ArgumentsJson">A JSON object; keys in the order of the call.</param>
public sealed record ToolCall(string Id, string Name, string ArgumentsJson);
