namespace Forge.Core.Packing;

/// <summary>Says which samples of an episode append to each other: one sequence holds such a run.</summary>
internal static class AppendRule
{
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
