using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Hosting.Health;

namespace Forge.DataPool.Serving;

/// <summary>Says whether the pool's store answers, what the window does, and, when nothing moves, who waits for whom.</summary>
internal sealed class PoolHealth(DataPool pool, TimeProvider time) : IReadinessCheck, IStatusSource
{
    public string Name => "store";

    public async ValueTask<string?> ReasonAsync(CancellationToken cancellationToken)
    {
        try
        {
            await pool.RequireStoreAsync(cancellationToken);
            return null;
        }
        catch (ForgeException fault)
        {
            return $"can't be used: {fault.Message}";
        }
    }

    public StatusReport Report()
    {
        var status = pool.Status;
        Wait[] waits = status.Stall is { } stall
            ? [new Wait(stall.For, "nothing has moved", time.GetUtcNow() - stall.Since, stall.Advice) { Who = stall.Waiting }]
            : [];
        return new StatusReport(
            "window", pool.Show().Describe(), null, [.. waits], ImmutableSortedDictionary<string, double>.Empty
                .Add("in_flight", status.InFlight).Add("running", status.Running).Add("finished_in_window", status.FinishedInWindow)
                .Add("finished_outside", status.FinishedOutside).Add("leases", status.Leases).Add("lost_leases", status.LostLeases)
                .Add("dead_letters", status.DeadLetters).Add("late_results", status.LateResults));
    }
}
