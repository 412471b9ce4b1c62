namespace Forge.Core.Text.MiniMax;

/// <summary>What the chat format leaves open.</summary>
public sealed record MiniMaxM2ChatOptions
{
    /// <summary>
    /// The member of the family, "M2", "M2.1", "M2.5" or "M2.7": it decides the system text of a conversation without
    /// a system message. M2 has no name; later members state theirs.
    /// </summary>
    public string Model { get; init; } = "M2";

    /// <summary>The system text of a conversation without one, in place of the model's own; null for that.</summary>
    public string? Identity { get; init; }

    /// <summary>
    /// True (the vendor's template): thinking before the last user message is left out. False keeps all of it, so that
    /// a conversation only ever grows.
    /// </summary>
    public bool ClearThinking { get; init; } = true;

    /// <summary>Printed after the system text as "Current date: …"; null for none.</summary>
    public string? CurrentDate { get; init; }

    /// <summary>Printed after the system text as "Current location: …"; null for none.</summary>
    public string? CurrentLocation { get; init; }

    internal string IdentityText => Identity ?? (Model == "M2"
        ? "You are a helpful assistant."
        : $"You are a helpful assistant. Your name is MiniMax-{Model} and is built by MiniMax.");
}
