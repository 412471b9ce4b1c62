using Forge.Core.Metrics;

namespace Forge.Gateway;

/// <summary>What the gateway has done since it started.</summary>
/// <param name="Completions">Calls answered by the engine.</param>
/// <param name="SplicedTokens">Prompt tokens taken over from earlier calls.</param>
/// <param name="EncodedTokens">Prompt tokens that were tokenised from text: first prompts and tool results.</param>
/// <param name="ForkedTokens">Prompt tokens of calls that branched off because the history before them was rewritten.</param>
/// <param name="RetokenisedTokens">Generated tokens that a rewritten history showed again as text.</param>
/// <param name="Branches">Calls that started a branch.</param>
/// <param name="Overflows">Calls that were refused because their prompt fills the context.</param>
/// <param name="SideCalls">Calls that a harness made beside its conversation: titles, summaries.</param>
public sealed record GatewayStatistics(
    long Completions,
    long SplicedTokens,
    long EncodedTokens,
    long ForkedTokens,
    long RetokenisedTokens,
    long Branches,
    long Overflows,
    long SideCalls)
{
    /// <summary>The figures under their metric names.</summary>
    public IReadOnlyDictionary<string, double> ToMetrics() => new Dictionary<string, double>
    {
        [MetricNames.SplicedTokens] = SplicedTokens,
        [MetricNames.EncodedTokens] = EncodedTokens,
        [MetricNames.ForkedTokens] = ForkedTokens,
        [MetricNames.RetokenisedTokens] = RetokenisedTokens,
        [MetricNames.Branches] = Branches,
        [MetricNames.Overflows] = Overflows,
        [MetricNames.SideCalls] = SideCalls,
    };
}
