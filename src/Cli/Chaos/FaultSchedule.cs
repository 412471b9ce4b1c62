using System.Collections.Immutable;
using Forge.Hosting.Services;

namespace Forge.Cli.Chaos;

/// <summary>
/// Draws a schedule of faults: round after round, each round has every fault once, every service in turn, in an order of its own; each fault
/// comes at a random moment within its interval. The same seed gives the same schedule.
/// </summary>
internal static class FaultSchedule
{
    // Nobody calls the trainer, so its connections have nothing to lose.
    private static readonly ServiceName[] Called = [ServiceName.DataPool, ServiceName.Rollout, ServiceName.Gateway, ServiceName.AgentSide];

    /// <param name="seed">Of everything that is drawn.</param>
    /// <param name="span">Faults begin before this, since the first step.</param>
    /// <param name="every">One fault for each such interval.</param>
    /// <param name="lease">How long a lease lasts; a service is frozen for longer.</param>
    /// <param name="leftOut">Kinds that can't be had here.</param>
    public static ImmutableArray<PlannedFault> Draw(ulong seed, TimeSpan span, TimeSpan every, TimeSpan lease, IReadOnlySet<ChaosKind> leftOut)
    {
        var random = new Random(unchecked((int)(seed ^ (seed >> 32))));
        var faults = ImmutableArray.CreateBuilder<PlannedFault>();
        var round = new Queue<(ChaosKind Kind, ServiceName? Service)>();
        for (var begin = TimeSpan.Zero; begin + every <= span; begin += every)
        {
            if (round.Count == 0)
            {
                var all = Round(random).ToArray();
                random.Shuffle(all);
                round = new Queue<(ChaosKind, ServiceName?)>(all);
            }

            var (kind, service) = round.Dequeue();
            var at = begin + (every / 2 * random.NextDouble());
            var lasts = Lasts(kind, lease, random.NextDouble());
            if (!leftOut.Contains(kind))
            {
                faults.Add(new PlannedFault(at, kind, service, lasts));
            }
        }

        return faults.ToImmutable();
    }

    private static IEnumerable<(ChaosKind Kind, ServiceName? Service)> Round(Random random)
    {
        foreach (var service in Enum.GetValues<ServiceName>())
        {
            yield return (ChaosKind.Kill, service);
            yield return (ChaosKind.Freeze, service);
        }

        foreach (var kind in new[] { ChaosKind.Cut, ChaosKind.Delay, ChaosKind.Stall })
        {
            yield return (kind, Called[random.Next(Called.Length)]);
        }

        foreach (var kind in new[] { ChaosKind.FlushRedis, ChaosKind.KillRedis, ChaosKind.StopPostgres, ChaosKind.KillPostgres, ChaosKind.FillDisk })
        {
            yield return (kind, null);
        }
    }

    private static TimeSpan Lasts(ChaosKind kind, TimeSpan lease, double draw) => kind switch
    {
        ChaosKind.Freeze => lease * (1.5 + draw),
        ChaosKind.Cut => TimeSpan.FromSeconds(3 * draw),
        ChaosKind.Delay or ChaosKind.Stall or ChaosKind.FillDisk => TimeSpan.FromSeconds(3 + (5 * draw)),
        _ => TimeSpan.Zero,
    };
}
