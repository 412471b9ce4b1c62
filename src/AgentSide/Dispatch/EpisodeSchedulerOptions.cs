using Forge.Core.Ring;

namespace Forge.AgentSide.Dispatch;

/// <summary>How many episodes run, and how they draw.</summary>
/// <param name="EpisodesPerGroup">Episodes sampled for one task, at least 1.</param>
/// <param name="Concurrency">Episodes that run side by side, at least 1.</param>
/// <param name="Sampling">Temperature and truncation; seeds and lengths are set per call.</param>
/// <param name="Seed">The run's seed: with it, every episode draws the same again.</param>
public sealed record EpisodeSchedulerOptions(int EpisodesPerGroup, int Concurrency, SamplingParameters Sampling, ulong Seed)
{
    /// <summary>In whose name tickets are held. A process apart from the pool gives itself a new name each time it starts.</summary>
    public WorkerId Worker { get; init; } = WorkerId.Local;

    /// <summary>How long running episodes may go on when the scheduler is asked to end; the rest is handed back. 0 stops them at once.</summary>
    public TimeSpan Drain { get; init; }
}
