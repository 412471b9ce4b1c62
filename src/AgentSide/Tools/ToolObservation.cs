namespace Forge.AgentSide.Tools;

/// <summary>What a tool call gave back to the agent.</summary>
/// <param name="Text">What the model reads.</param>
/// <param name="Outcome">Whether the call worked, and whose fault it was when not.</param>
public sealed record ToolObservation(string Text, ToolOutcome Outcome)
{
    public bool IsError => Outcome != ToolOutcome.Ok;

    public static ToolObservation Ok(string text) => new(text, ToolOutcome.Ok);

    /// <summary>The call can't be run as written: unknown tool, missing or ill-typed argument.</summary>
    public static ToolObservation Invalid(string reason) => new($"error: {reason}", ToolOutcome.InvalidCall);

    /// <summary>The call was run and found nothing to answer with.</summary>
    public static ToolObservation Failed(string reason) => new($"error: {reason}", ToolOutcome.Failed);

    /// <summary>The same call may work when it is tried again.</summary>
    public static ToolObservation Transient(string reason) => new($"error: {reason}", ToolOutcome.TransientFailure);
}
