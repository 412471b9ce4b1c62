namespace Forge.Core.Advantages;

/// <summary>
/// G_t = Σ_{p ≥ t} γ^(p−t) r_p and Forge's advantage Â_t = G_t − B with a baseline B per trajectory (MiniMax M2 report, eq. 4 and 6).
/// t counts completions; every token of completion t gets Â_t.
/// </summary>
public static class RewardToGo
{
    /// <param name="rewards">One per completion, in order.</param>
    /// <param name="discount">γ per completion, in [0, 1].</param>
    /// <param name="returns">Written; as long as <paramref name="rewards"/>; may be the same memory.</param>
    public static void Returns(ReadOnlySpan<double> rewards, double discount, Span<double> returns)
    {
        var next = 0.0;
        for (var step = rewards.Length - 1; step >= 0; step--)
        {
            next = rewards[step] + (discount * next);
            returns[step] = next;
        }
    }

    /// <summary>Writes Â_t = G_t − B.</summary>
    public static void Advantages(ReadOnlySpan<double> rewards, double discount, double baseline, Span<double> advantages)
    {
        Returns(rewards, discount, advantages);
        for (var step = 0; step < rewards.Length; step++)
        {
            advantages[step] -= baseline;
        }
    }
}
