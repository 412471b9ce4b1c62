using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.Harness.Tests;

/// <summary>Plays the solver's calls through a harness's own shell tool: whichever of the known ones its prompt shows.</summary>
internal sealed class ShellPlayer(ImmutableArray<ChatMessage> conversation, ByteLevelBpeTokenizer tokenizer)
{
    private static readonly (string Tool, string Command, string More)[] Shells =
    [
        ("exec_command", "cmd", ""),
        ("shell_command", "command", ""),
        ("run_shell_command", "command", "<parameter name=\"is_background\">false</parameter>\n"),
        ("bash", "command", "<parameter name=\"description\">Looks up</parameter>\n"),
    ];

    private readonly ChatMessage[] _turns = [.. conversation.Where(message => message.Role == ChatRole.Assistant)];

    public static ImmutableArray<int> Title(ByteLevelBpeTokenizer tokenizer) => Encode(tokenizer, "short\n</think>\n\nA question");

    /// <summary>What to say at this turn; null when the prompt shows no shell.</summary>
    public ImmutableArray<int>? Next(GenerationRequest request)
    {
        var prompt = tokenizer.Decode(request.PromptIds.AsSpan());
        var shell = Shells.FirstOrDefault(known => prompt.Contains($"\"name\": \"{known.Tool}\"", StringComparison.Ordinal));
        return shell.Tool is null ? null
            : request.Turn > _turns.Length - 1 ? Encode(tokenizer, "done\n</think>\n\nDone.")
            : Encode(tokenizer, Call(shell, CommandOf(_turns[request.Turn])));
    }

    private static string CommandOf(ChatMessage message) => message.ToolCalls is [var call]
        ? $"./tool {call.Name} '{call.ArgumentsJson}'"
        : $"printf %s '{message.Content}' > answer.txt";

    private static string Call((string Tool, string Command, string More) shell, string command)
        => $"next\n</think>\n\n\n<minimax:tool_call>\n<invoke name=\"{shell.Tool}\">\n<parameter name=\"{shell.Command}\">{command}</parameter>\n{shell.More}</invoke>\n</minimax:tool_call>";

    private static ImmutableArray<int> Encode(ByteLevelBpeTokenizer tokenizer, string text)
        => [.. tokenizer.Encode(text), tokenizer.TokenId(MiniMaxM2Tokens.End)!.Value];
}
