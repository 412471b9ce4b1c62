namespace Forge.Gateway.Protocols;

/// <summary>Tokens of one call, all its answers together.</summary>
/// <param name="PromptTokens">Of the prompt.</param>
/// <param name="CachedTokens">Those of them that were not computed again.</param>
/// <param name="CompletionTokens">Of the answers.</param>
/// <param name="ReasoningTokens">Those of them that are thinking.</param>
public sealed record ApiUsage(int PromptTokens, int CachedTokens, int CompletionTokens, int ReasoningTokens);
