using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Evaluation;

/// <summary>Makes completions whose content does not matter.</summary>
internal static class Completions
{
    public static Completion Of(EpisodeId episode, int turn) => new()
    {
        Id = new CompletionId(FormattableString.Invariant($"{episode}/{turn}")),
        Episode = episode,
        Turn = turn,
        PromptIds = [1],
        ResponseIds = [2],
        PolicyLogProbs = [0],
        BehaviorLogProbs = [0],
        TokenVersions = [0],
        OldestKvVersion = PolicyVersion.Initial,
        Sampling = new SamplingParameters(),
        FinishReason = FinishReason.Stop,
        Timings = new CompletionTimings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0),
    };
}
