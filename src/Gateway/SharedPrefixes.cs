using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.Gateway;

/// <summary>Knows how many leading tokens of a prompt are the system text and the tools, which many sessions share.</summary>
internal sealed class SharedPrefixes(ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format)
{
    // Agents that write the clock into the system text would grow this without end; they share nothing anyway.
    private const int MaxKept = 256;

    private readonly ConcurrentDictionary<string, ImmutableArray<int>> _idsByText = new(StringComparer.Ordinal);

    public int Length(ImmutableArray<ChatMessage> messages, ImmutableArray<ToolDefinition> tools, ImmutableArray<int> promptIds)
    {
        ImmutableArray<ChatMessage> system = messages is [{ Role: ChatRole.System } first, ..] ? [first] : [];
        var text = format.Render(system, tools, addGenerationPrompt: false);
        if (!_idsByText.TryGetValue(text, out var ids))
        {
            ids = [.. tokenizer.Encode(text)];
            if (_idsByText.Count < MaxKept)
            {
                _idsByText.TryAdd(text, ids);
            }
        }

        return promptIds.AsSpan().StartsWith(ids.AsSpan()) ? ids.Length : 0;
    }
}
