using Forge.Core.Chat;

namespace Forge.Core.Text.MiniMax;

/// <summary>A part of a response that is certain by now. Exactly one of the three is set.</summary>
/// <param name="Reasoning">More thinking.</param>
/// <param name="Content">More visible text.</param>
/// <param name="Call">A call of a block that has closed.</param>
public readonly record struct OutputDelta(string? Reasoning = null, string? Content = null, ToolCall? Call = null);
