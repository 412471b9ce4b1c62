using System.Collections.Immutable;
using Forge.Core.Chat;

namespace Forge.Gateway.Protocols;

/// <summary>One answer.</summary>
/// <param name="Message">Thinking, text and tool calls, parsed.</param>
/// <param name="End">Why it ended.</param>
/// <param name="StopText">The stop text that ended it; null for none.</param>
/// <param name="Tokens">Its tokens with their log-probabilities; empty unless they were asked for.</param>
public sealed record ApiChoice(ChatMessage Message, ApiEnd End, string? StopText, ImmutableArray<ApiToken> Tokens);
