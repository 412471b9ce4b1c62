namespace Forge.Core.Chat;

/// <summary>A tool that the model may call.</summary>
/// <param name="Name">What the model writes in <c>invoke name</c>.</param>
/// <param name="Description">One line for the model.</param>
/// <param name="ParametersJson">A JSON schema of an object.</param>
public sealed record ToolDefinition(string Name, string Description, string ParametersJson)
{
    /// <summary>
    /// The function exactly as a client sent it (a JSON object; key order and further keys such as <c>strict</c> kept),
    /// when it came over the wire; null for tools defined here.
    /// </summary>
    public string? FunctionJson { get; init; }
}
