using System.Collections.Immutable;

namespace Forge.Core.Text.MiniMax;

/// <summary>The special tokens of the MiniMax-M2 family, as text.</summary>
public static class MiniMaxM2Tokens
{
    /// <summary>Opens a conversation.</summary>
    public const string Begin = "]~!b[";

    /// <summary>Opens a message; the role's name and a newline follow.</summary>
    public const string Role = "]~b]";

    /// <summary>Closes a message: the stop token of a response.</summary>
    public const string End = "[e~[";

    public const string Padding = "]!p~[";

    public const string ThinkOpen = "<think>";

    public const string ThinkClose = "</think>";

    public const string ToolCallOpen = "<minimax:tool_call>";

    public const string ToolCallClose = "</minimax:tool_call>";

    /// <summary>Those that a small vocabulary needs, in the family's order of ids.</summary>
    public static ImmutableArray<string> All { get; } =
        [Padding, Role, End, Begin, ThinkOpen, ThinkClose, ToolCallOpen, ToolCallClose];
}
