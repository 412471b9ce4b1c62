namespace Forge.Gateway.Protocols;

/// <summary>Whether the model may, must or must not call a tool.</summary>
/// <param name="Mode">What is allowed.</param>
/// <param name="Name">The tool to call, for <see cref="ToolChoiceMode.Named"/>.</param>
public sealed record ToolChoice(ToolChoiceMode Mode, string? Name = null)
{
    public static ToolChoice Auto { get; } = new(ToolChoiceMode.Auto);
}
