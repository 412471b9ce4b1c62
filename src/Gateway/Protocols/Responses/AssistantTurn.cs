using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Gateway.Protocols.Reading;

namespace Forge.Gateway.Protocols.Responses;

/// <summary>Gathers the items of one answer, which come in the order thinking, text, calls; an item out of this order begins the next one.</summary>
internal sealed class AssistantTurn(Conversation conversation)
{
    private readonly ImmutableArray<ToolCall>.Builder _calls = ImmutableArray.CreateBuilder<ToolCall>();
    private string? _thinking;
    private string? _text;

    public void AddThinking(string thinking)
    {
        if (_text is not null || _calls.Count > 0)
        {
            End();
        }

        _thinking += thinking;
    }

    public void AddText(string text)
    {
        if (_text is not null || _calls.Count > 0)
        {
            End();
        }

        _text = text;
    }

    public void AddCall(ToolCall call) => _calls.Add(call);

    public void End()
    {
        if (_thinking is not null || _text is not null || _calls.Count > 0)
        {
            conversation.AddAssistant(_text ?? "", _thinking, _calls.DrainToImmutable());
            (_thinking, _text) = (null, null);
        }
    }
}
