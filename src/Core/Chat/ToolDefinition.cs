namespace Forge.Core.Chat;

/// <summary>A tool that the model may call.</summary>
/// <param name="Name">What the model writes in <c>invoke name</c>.</param>
/// <param name="Description">One line for the model.</param>
/// <param name="ParametersJson">A JSON schema of an object.</param>
public sealed record ToolDefinition(string Name, string Description, string ParametersJson);
