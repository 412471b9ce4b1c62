namespace Forge.Core.Packing;

/// <summary>What the packers read off the order of the samples: chains, and the append-only runs within them.</summary>
internal static class SampleChains
{
    /// <summary>First sample of each chain, then the number of samples.</summary>
    public static List<int> Starts(IReadOnlyList<TrainingSample> samples)
    {
        var starts = new List<int>();
        for (var index = 0; index < samples.Count; index++)
        {
            if (index == 0 || samples[index].Chain != samples[index - 1].Chain)
            {
                starts.Add(index);
            }
        }

        starts.Add(samples.Count);
        return starts;
    }

    /// <summary>
    /// Whether a sample goes on where the one before it ended: same chain, a prompt that begins with the other's prompt and response,
    /// and the same routing wherever both are fed.
    /// </summary>
    public static bool Appends(TrainingSample earlier, TrainingSample later)
    {
        var (prompt, response) = (earlier.PromptIds.Length, earlier.ResponseIds.Length);
        return earlier.Chain == later.Chain
            && later.PromptIds.Length >= prompt + response
            && later.PromptIds.AsSpan(0, prompt).SequenceEqual(earlier.PromptIds.AsSpan())
            && later.PromptIds.AsSpan(prompt, response).SequenceEqual(earlier.ResponseIds.AsSpan())
            && RoutesAlike(earlier, later);
    }

    private static bool RoutesAlike(TrainingSample earlier, TrainingSample later)
    {
        var before = earlier.RoutedExperts.AsSpan();
        var after = later.RoutedExperts.AsSpan();
        if (!before.IsEmpty && !after.IsEmpty)
        {
            return after.StartsWith(before);
        }

        var fed = after.Length / later.ForwardTokens * earlier.ForwardTokens;
        return !before.ContainsAnyExcept((short)-1) && !after[..fed].ContainsAnyExcept((short)-1);
    }
}
