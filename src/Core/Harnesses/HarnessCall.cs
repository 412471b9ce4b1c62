using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.Core.Harnesses;

/// <summary>One recorded completion, as far as the agent side needs it to score the episode.</summary>
/// <param name="Message">The answer, parsed.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Malformed">It held a broken tool call.</param>
/// <param name="ResponseTokens">Its length.</param>
/// <param name="IsAuxiliary">A side call of the harness (a title, a summary), not a step of the task.</param>
public sealed record HarnessCall(ChatMessage Message, FinishReason FinishReason, bool Malformed, int ResponseTokens, bool IsAuxiliary);
