using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Harnesses;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.Gateway.Harnesses;

/// <summary>Reads a recorded completion as the message that its agent was given.</summary>
/// <param name="tokenizer">The policy's vocabulary.</param>
/// <param name="tools">Types of arguments; those of tools that the program brought itself are read as text.</param>
public sealed class CompletionReader(ByteLevelBpeTokenizer tokenizer, ImmutableArray<ToolDefinition> tools)
{
    public HarnessCall Read(Completion completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        var ids = completion.ResponseIds.AsSpan();
        var text = tokenizer.Decode(completion.FinishReason == FinishReason.Stop && !ids.IsEmpty ? ids[..^1] : ids);
        var parsed = MiniMaxM2OutputParser.Parse(text, tools);
        return new HarnessCall(
            parsed.ToMessage(), completion.FinishReason, parsed.Malformed || !parsed.ThinkingClosed, completion.ResponseIds.Length, IsAuxiliary: false);
    }
}
