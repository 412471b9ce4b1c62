namespace Forge.Core.Advantages;

/// <summary>
/// Generalised advantage estimation (arXiv 1506.02438) over one row: δ_t = r_t + γ V_{t+1} − V_t, A_t = δ_t + γ λ A_{t+1}.
/// </summary>
public static class GeneralizedAdvantage
{
    /// <param name="rewards">Per token.</param>
    /// <param name="values">The critic's value before each token.</param>
    /// <param name="mask">True for trained tokens.</param>
    /// <param name="discount">γ.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="carryAcrossMask">
    /// True (Forge's default): at tool text, value and advantage pass through unchanged. False: tool text is a step of reward 0 and value 0.
    /// </param>
    /// <param name="advantages">Written at every position.</param>
    /// <param name="returns">Written: advantage + value.</param>
    public static void Compute(
        ReadOnlySpan<double> rewards,
        ReadOnlySpan<double> values,
        ReadOnlySpan<bool> mask,
        double discount,
        double lambda,
        bool carryAcrossMask,
        Span<double> advantages,
        Span<double> returns)
    {
        var (nextValue, nextAdvantage) = (0.0, 0.0);
        for (var token = rewards.Length - 1; token >= 0; token--)
        {
            if (mask[token] || !carryAcrossMask)
            {
                var (reward, value) = mask[token] ? (rewards[token], values[token]) : (0, 0);
                nextAdvantage = reward + (discount * nextValue) - value + (discount * lambda * nextAdvantage);
                nextValue = value;
            }

            advantages[token] = nextAdvantage;
            returns[token] = nextAdvantage + (mask[token] ? values[token] : 0);
        }
    }
}
