using System.Collections.Immutable;
using System.Text;
using Forge.Core.Chat;

namespace Forge.Gateway.Protocols.Reading;

/// <summary>
/// Puts a conversation together in the order in which it was said. The chat format has one system text, at the start: what comes as such
/// before anyone spoke is joined, what comes later is said in the user's place, so that nothing is lost.
/// </summary>
internal sealed class Conversation
{
    private const string BetweenTexts = "\n\n";

    private readonly ImmutableArray<ChatMessage>.Builder _messages = ImmutableArray.CreateBuilder<ChatMessage>();
    private readonly StringBuilder _system = new();
    private bool _hasSystem;
    private bool _mayAnswer;

    public void AddSystem(string text)
    {
        if (_messages.Count > 0)
        {
            AddUser(text);
            return;
        }

        _system.Append(_system.Length > 0 && text.Length > 0 ? BetweenTexts : "").Append(text);
        _hasSystem = true;
    }

    public void AddUser(string text) => _messages.Add(new ChatMessage { Role = ChatRole.User, Content = text });

    public void AddAssistant(string text, string? thinking, ImmutableArray<ToolCall> calls)
    {
        _messages.Add(new ChatMessage
        {
            Role = ChatRole.Assistant,
            Content = text,
            ReasoningContent = string.IsNullOrEmpty(thinking) ? null : thinking,
            ToolCalls = calls,
        });
        _mayAnswer = !calls.IsEmpty;
    }

    /// <summary>Adds a tool's result; several parts stay apart, because the chat format shows them so.</summary>
    /// <exception cref="ApiFaultException">No call came before it.</exception>
    public void AddResult(string? callId, ImmutableArray<string> parts, ApiField field)
    {
        if (!_mayAnswer)
        {
            throw new ApiFaultException(
                ApiFaultKind.Invalid,
                $"{field.Name()} is the result of call '{callId}', but the assistant's turn before it calls no tool. Send the turn that called, or leave the result out.",
                field.Name());
        }

        _messages.Add(new ChatMessage
        {
            Role = ChatRole.Tool,
            Content = string.Concat(parts),
            ContentParts = parts.Length > 1 ? parts : null,
            ToolCallId = callId,
        });
    }

    public ImmutableArray<ChatMessage> ToMessages(ApiField field)
    {
        if (_hasSystem)
        {
            _messages.Insert(0, new ChatMessage { Role = ChatRole.System, Content = _system.ToString() });
        }

        return _messages.Count > 0 ? _messages.DrainToImmutable() : throw field.Fault("must hold at least one message");
    }
}
