using Forge.AgentSide.Agents;
using Forge.Core.Ring;

namespace Forge.Harness.Tests;

/// <summary>What holds for an episode that a program played properly, whichever program it was.</summary>
internal static class Played
{
    private const int LeastTurns = 10;

    public static void RequireSolved(ScriptedRing ring, Episode episode)
    {
        var (result, completions) = (episode.Result, episode.Completions);
        Assert.True(result.Success, $"{result.EndCause} {result.Detail}{ring.Output(episode.Id.Value)}");
        Assert.Equal((EpisodeStatus.Completed, EndCauses.FinalAnswer), (result.Status, result.EndCause));
        Assert.InRange(completions.Length, LeastTurns, int.MaxValue);
        Assert.Equal(completions.Length, result.Rewards.Length);
        Assert.Equal(1.0, result.Rewards[^1].Outcome);
        Assert.Equal(Enumerable.Range(0, completions.Length), completions.Select(completion => completion.Turn));

        // Each prompt is what the model saw and said before, to the token.
        foreach (var (earlier, later) in completions.Zip(completions.Skip(1)))
        {
            int[] history = [.. earlier.PromptIds, .. earlier.ResponseIds];
            Assert.Equal(history, later.PromptIds[..history.Length]);
        }

        Assert.Equal(0, ring.Statistics.RetokenisedTokens);
        Assert.Equal(0, ring.Statistics.Branches);
    }
}
