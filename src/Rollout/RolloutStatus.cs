using Forge.Core.Ring;

namespace Forge.Rollout;

/// <summary>The engine's figures at one moment; counts and durations since its start.</summary>
/// <param name="Version">The policy that decodes now.</param>
/// <param name="Running">Completions in the batch.</param>
/// <param name="Waiting">Requests that wait for a slot or for a shared prefix.</param>
/// <param name="IdleSessions">Sessions that keep KV between two turns.</param>
/// <param name="Completed">Completions returned.</param>
/// <param name="Cancelled">Requests that their callers gave up.</param>
/// <param name="PromptTokens">Prompt tokens of admitted requests.</param>
/// <param name="CacheHitTokens">Those of them that were found in a KV slot.</param>
/// <param name="PrefillTokens">Prompt tokens computed, shared prefixes included.</param>
/// <param name="GeneratedTokens">Response tokens sampled.</param>
/// <param name="Evictions">Idle sessions that lost their slot to another.</param>
/// <param name="Steps">Decode steps.</param>
/// <param name="Busy">Time in steps.</param>
/// <param name="Idle">Time without work.</param>
public sealed record RolloutStatus(
    PolicyVersion Version,
    int Running,
    int Waiting,
    int IdleSessions,
    long Completed,
    long Cancelled,
    long PromptTokens,
    long CacheHitTokens,
    long PrefillTokens,
    long GeneratedTokens,
    long Evictions,
    long Steps,
    TimeSpan Busy,
    TimeSpan Idle)
{
    /// <summary>Fraction of the admitted prompt tokens that needed no computation; 0 before the first request.</summary>
    public double PrefixHitRate => PromptTokens == 0 ? 0 : (double)CacheHitTokens / PromptTokens;
}
