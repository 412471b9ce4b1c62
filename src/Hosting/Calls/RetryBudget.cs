namespace Forge.Hosting.Calls;

/// <summary>
/// Bounds repeated calls to a tenth of all calls, so that a service that is down is not buried by those who ask again. Safe for use by many threads.
/// </summary>
/// <remarks>Counted in tenths: a call earns one, a repetition costs ten; at most <see cref="Burst"/> repetitions are saved up.</remarks>
public sealed class RetryBudget
{
    /// <summary>Repetitions that may follow each other before any call earned one.</summary>
    public const int Burst = 10;

    private const int Cost = 10;

    private int _tenths = Burst * Cost;

    /// <summary>Counts a first attempt.</summary>
    public void Earn() => Add(1);

    /// <summary>Takes one repetition; false when the budget is used up.</summary>
    public bool TrySpend() => Add(-Cost);

    private bool Add(int tenths)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _tenths);
            var next = Math.Min(seen + tenths, Burst * Cost);
            if (next < 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _tenths, next, seen) == seen)
            {
                return true;
            }
        }
    }
}
