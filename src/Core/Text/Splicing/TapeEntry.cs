using System.Collections.Immutable;
using Forge.Core.Chat;

namespace Forge.Core.Text.Splicing;

/// <summary>One answered call of a session.</summary>
internal sealed record TapeEntry(SplicedPrompt Prompt, ImmutableArray<int> ResponseIds, ChatMessage Reply);
