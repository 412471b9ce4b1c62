using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Forge.Core.Chat;
using Forge.Core.Text.Json;

namespace Forge.Core.Text.MiniMax;

/// <summary>
/// Renders conversations to the prompt text of the MiniMax-M2 family, byte for byte as its chat template does
/// (docs/chat-format.md). Special tokens inside messages are not escaped, as in the template.
/// </summary>
/// <remarks>
/// A conversation is: system text with the tools, then one section per message (a run of tool messages is one
/// section). With <see cref="MiniMaxM2ChatOptions.ClearThinking"/> off, or while no user message follows, a rendering
/// is a prefix of the rendering of the longer conversation up to an assistant's end token; see <see cref="RenderFrom"/>.
/// </remarks>
public sealed class MiniMaxM2ChatFormat(MiniMaxM2ChatOptions options)
{
    private const string ToolsHead =
        "\n\n# Tools\nYou may call one or more tools to assist with the user query.\n"
        + "Here are the tools available in JSONSchema format:\n\n<tools>\n";

    private const string ToolsFoot =
        "</tools>\n\nWhen making tool calls, use XML format to invoke tools and pass parameters:\n\n<minimax:tool_call>\n"
        + "<invoke name=\"tool-name-1\">\n<parameter name=\"param-key-1\">param-value-1</parameter>\n"
        + "<parameter name=\"param-key-2\">param-value-2</parameter>\n...\n</invoke>\n</minimax:tool_call>";

    public MiniMaxM2ChatFormat()
        : this(new MiniMaxM2ChatOptions())
    {
    }

    /// <summary>What follows the messages when the model is to speak: it starts inside its thinking.</summary>
    public static string GenerationPrompt => $"{MiniMaxM2Tokens.Role}ai\n{MiniMaxM2Tokens.ThinkOpen}\n";

    /// <summary>Renders a whole conversation.</summary>
    /// <exception cref="ArgumentException">
    /// A tool message has no assistant's call before it, or a call's arguments or a tool's schema are not JSON.
    /// </exception>
    public string Render(
        ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools, bool addGenerationPrompt = true)
    {
        var output = new StringBuilder();
        var hasSystem = messages is [{ Role: ChatRole.System }, ..];
        AppendSystem(output, hasSystem ? messages[0] : null, tools);
        AppendMessages(output, messages, hasSystem ? 1 : 0);
        return output.Append(addGenerationPrompt ? GenerationPrompt : "").ToString();
    }

    /// <summary>
    /// Renders what follows an assistant's end token: the text to append to the token ids of a prompt and its response
    /// (which ends in that token), so that nothing the model has seen or said is tokenised a second time.
    /// </summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="first">The message after the assistant's, at least 1.</param>
    /// <param name="addGenerationPrompt">Whether the model is to speak next.</param>
    /// <returns>
    /// A text t with <c>Render(messages) = p + End + t</c>, where p + End is the rendering's part up to the end token of
    /// message <paramref name="first"/> − 1. It always starts with the newline after that token.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The message before <paramref name="first"/> is not an assistant's, or rendering fails as in <see cref="Render"/>.
    /// </exception>
    public string RenderFrom(ImmutableArray<ChatMessage> messages, int first, bool addGenerationPrompt = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, messages.Length);
        if (messages[first - 1].Role != ChatRole.Assistant)
        {
            throw new ArgumentException(
                $"Message {first - 1} is a {messages[first - 1].Role} message; only an assistant's turn can be continued.",
                nameof(first));
        }

        var output = new StringBuilder("\n");
        AppendMessages(output, messages, first);
        return output.Append(addGenerationPrompt ? GenerationPrompt : "").ToString();
    }

    /// <summary>
    /// Whether what was rendered before message <paramref name="first"/> still stands once all messages are there.
    /// False when a later user message makes the format drop thinking that an earlier rendering showed.
    /// </summary>
    public bool KeepsHistory(ImmutableArray<ChatMessage> messages, int first)
    {
        if (!options.ClearThinking)
        {
            return true;
        }

        var hidesUpTo = LastUser(messages, messages.Length);
        var hidUpTo = LastUser(messages, first);
        return !Enumerable.Range(0, first).Any(i => i > hidUpTo && i < hidesUpTo
            && messages[i].Role == ChatRole.Assistant && Split(messages[i]).Reasoning.Length > 0);
    }

    private void AppendSystem(StringBuilder output, ChatMessage? system, ImmutableArray<ToolDefinition> tools)
    {
        output.Append(MiniMaxM2Tokens.Begin).Append(MiniMaxM2Tokens.Role).Append("system\n");
        var text = system is null ? "" : VisibleText(system);
        output.Append(text.Length == 0 ? options.IdentityText : text);
        output.Append(options.CurrentDate is { Length: > 0 } date ? $"\nCurrent date: {date}" : "");
        output.Append(options.CurrentLocation is { Length: > 0 } location ? $"\nCurrent location: {location}" : "");
        if (!tools.IsDefaultOrEmpty)
        {
            output.Append(ToolsHead);
            foreach (var tool in tools)
            {
                output.Append("<tool>").Append(ToolText(tool)).Append("</tool>\n");
            }

            output.Append(ToolsFoot);
        }

        output.Append(MiniMaxM2Tokens.End).Append('\n');
    }

    private static string ToolText(ToolDefinition tool)
    {
        try
        {
            if (tool.FunctionJson is { } function)
            {
                return PythonJson.Format(function);
            }

            var output = new StringBuilder("{\"name\": ");
            PythonJson.WriteString(output, tool.Name);
            output.Append(", \"description\": ");
            PythonJson.WriteString(output, tool.Description);
            return output.Append(", \"parameters\": ").Append(PythonJson.Format(tool.ParametersJson)).Append('}').ToString();
        }
        catch (FormatException error)
        {
            throw new ArgumentException($"The definition of tool '{tool.Name}' cannot be rendered. {error.Message}", error);
        }
    }

    private void AppendMessages(StringBuilder output, ImmutableArray<ChatMessage> messages, int first)
    {
        var lastUser = LastUser(messages, messages.Length);
        var mayAnswer = messages.Take(first).LastOrDefault(message => message.Role == ChatRole.Assistant)
            is { ToolCalls.IsEmpty: false };
        for (var i = first; i < messages.Length; i++)
        {
            switch (messages[i].Role)
            {
                case ChatRole.Assistant:
                    AppendAssistant(output, messages[i], showThinking: !options.ClearThinking || i > lastUser);
                    mayAnswer = !messages[i].ToolCalls.IsEmpty;
                    break;
                case ChatRole.Tool when !mayAnswer:
                    throw new ArgumentException(
                        $"Message {i} is a tool's result, but the last assistant message before it called no tool.",
                        nameof(messages));
                case ChatRole.Tool:
                    AppendToolResult(output, messages[i], i == first || messages[i - 1].Role != ChatRole.Tool,
                        i == messages.Length - 1 || messages[i + 1].Role != ChatRole.Tool);
                    break;
                case ChatRole.User:
                    output.Append(MiniMaxM2Tokens.Role).Append("user\n").Append(VisibleText(messages[i]))
                        .Append(MiniMaxM2Tokens.End).Append('\n');
                    break;
                default:
                    // Only the first message may set the system text; the template drops later ones.
                    break;
            }
        }
    }

    // -1 when no user has spoken among the first messages.
    private static int LastUser(ImmutableArray<ChatMessage> messages, int count)
    {
        var at = count - 1;
        while (at >= 0 && messages[at].Role != ChatRole.User)
        {
            at--;
        }

        return at;
    }

    private static void AppendAssistant(StringBuilder output, ChatMessage message, bool showThinking)
    {
        var (reasoning, content) = Split(message);
        output.Append(MiniMaxM2Tokens.Role).Append("ai\n");
        if (showThinking && reasoning.Length > 0)
        {
            output.Append(MiniMaxM2Tokens.ThinkOpen).Append('\n').Append(reasoning).Append('\n')
                .Append(MiniMaxM2Tokens.ThinkClose).Append("\n\n");
        }

        output.Append(content);
        if (!message.ToolCalls.IsEmpty)
        {
            output.Append('\n').Append(MiniMaxM2Tokens.ToolCallOpen).Append('\n');
            foreach (var call in message.ToolCalls)
            {
                AppendCall(output, call);
            }

            output.Append(MiniMaxM2Tokens.ToolCallClose);
        }

        output.Append(MiniMaxM2Tokens.End).Append('\n');
    }

    // Thinking comes from its own field, else from the content around </think>; only inline thinking is trimmed.
    private static (string Reasoning, string Content) Split(ChatMessage message)
    {
        var content = VisibleText(message);
        if (message.ReasoningContent is { } reasoning)
        {
            return (reasoning, content);
        }

        var firstClose = content.IndexOf(MiniMaxM2Tokens.ThinkClose, StringComparison.Ordinal);
        if (firstClose < 0)
        {
            return ("", content);
        }

        var before = content[..firstClose].Trim('\n');
        var open = before.LastIndexOf(MiniMaxM2Tokens.ThinkOpen, StringComparison.Ordinal);
        var lastClose = content.LastIndexOf(MiniMaxM2Tokens.ThinkClose, StringComparison.Ordinal);
        return (
            (open < 0 ? before : before[(open + MiniMaxM2Tokens.ThinkOpen.Length)..]).Trim('\n'),
            content[(lastClose + MiniMaxM2Tokens.ThinkClose.Length)..].Trim('\n'));
    }

    private static void AppendCall(StringBuilder output, ToolCall call)
    {
        output.Append("<invoke name=\"").Append(call.Name).Append("\">\n");
        try
        {
            using var arguments = PythonJson.Parse(call.ArgumentsJson);
            foreach (var (name, value) in PythonJson.Members(arguments.RootElement))
            {
                output.Append("<parameter name=\"").Append(name).Append("\">");
                if (value.ValueKind == JsonValueKind.String)
                {
                    output.Append(PythonJson.Text(value));
                }
                else
                {
                    PythonJson.Write(output, value);
                }

                output.Append("</parameter>\n");
            }
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException)
        {
            throw new ArgumentException(
                $"The arguments of call '{call.Id}' to '{call.Name}' are not a JSON object. {error.Message}", error);
        }

        output.Append("</invoke>\n");
    }

    private static void AppendToolResult(StringBuilder output, ChatMessage message, bool opensRun, bool closesRun)
    {
        output.Append(opensRun ? $"{MiniMaxM2Tokens.Role}tool" : "");
        if (message.ContentParts is { } parts)
        {
            foreach (var part in parts)
            {
                output.Append("\n<response>").Append(part).Append("\n</response>");
            }
        }
        else
        {
            output.Append("\n<response>").Append(message.Content).Append("</response>");
        }

        output.Append(closesRun ? $"{MiniMaxM2Tokens.End}\n" : "");
    }

    private static string VisibleText(ChatMessage message)
        => message.ContentParts is { } parts ? string.Concat(parts) : message.Content;
}
