namespace Forge.Core.Advantages;

/// <summary>Discounted returns over the tokens of one row that has tool text (mask false) between trained tokens.</summary>
public static class TokenReturns
{
    /// <param name="rewards">Per token; read only where <paramref name="mask"/> is true.</param>
    /// <param name="mask">True for trained tokens.</param>
    /// <param name="discount">γ per trained token.</param>
    /// <param name="carryAcrossMask">
    /// True (Forge's default): tool text passes the return through undiscounted, so a late reward reaches early turns. False: the
    /// return starts anew before each piece of tool text.
    /// </param>
    /// <param name="returns">Written; 0 at masked positions.</param>
    public static void Compute(
        ReadOnlySpan<double> rewards, ReadOnlySpan<bool> mask, double discount, bool carryAcrossMask, Span<double> returns)
    {
        var next = 0.0;
        for (var token = rewards.Length - 1; token >= 0; token--)
        {
            if (mask[token])
            {
                next = rewards[token] + (discount * next);
                returns[token] = next;
            }
            else
            {
                next = carryAcrossMask ? next : 0;
                returns[token] = 0;
            }
        }
    }
}
