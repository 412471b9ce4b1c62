namespace Forge.Core.Ring;

/// <summary>Where a completion's time went.</summary>
/// <param name="Queued">From arrival until its first prefill step.</param>
/// <param name="TimeToFirstToken">From arrival until the first response token.</param>
/// <param name="Total">From arrival until the last response token.</param>
/// <param name="CachedPromptTokens">Prompt tokens that were found in the KV cache and not computed.</param>
public sealed record CompletionTimings(TimeSpan Queued, TimeSpan TimeToFirstToken, TimeSpan Total, int CachedPromptTokens);
