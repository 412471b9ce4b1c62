using Forge.Core.Ring;

namespace Forge.Rollout.Generation;

/// <summary>The loop's counters: written by the generation thread only, read by anyone; single words, so no read is torn.</summary>
internal sealed class RolloutFigures
{
    public long Version;
    public int Running;
    public int Waiting;
    public int IdleSessions;
    public long Completed;
    public long Cancelled;
    public long PromptTokens;
    public long CacheHitTokens;
    public long PrefillTokens;
    public long GeneratedTokens;
    public long Evictions;
    public long Steps;
    public long BusyTicks;
    public long IdleTicks;

    public RolloutStatus Snapshot() => new(
        new PolicyVersion(Volatile.Read(ref Version)),
        Volatile.Read(ref Running),
        Volatile.Read(ref Waiting),
        Volatile.Read(ref IdleSessions),
        Volatile.Read(ref Completed),
        Volatile.Read(ref Cancelled),
        Volatile.Read(ref PromptTokens),
        Volatile.Read(ref CacheHitTokens),
        Volatile.Read(ref PrefillTokens),
        Volatile.Read(ref GeneratedTokens),
        Volatile.Read(ref Evictions),
        Volatile.Read(ref Steps),
        new TimeSpan(Volatile.Read(ref BusyTicks)),
        new TimeSpan(Volatile.Read(ref IdleTicks)));
}
