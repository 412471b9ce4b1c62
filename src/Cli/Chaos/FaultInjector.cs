using Forge.Cli.Runs;
using Forge.Hosting.Injection;
using Forge.Hosting.Local;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Chaos;

/// <summary>Does to a run what a schedule says.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="proxies">What stands before each service.</param>
/// <param name="disk">What the run lies on; null for an ordinary disk, which is never filled.</param>
internal sealed class FaultInjector(string run, IReadOnlyDictionary<ServiceName, SocketProxy> proxies, SmallDisk? disk)
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(150);

    private readonly RunProcesses _processes = new(run);

    /// <summary>Returns when the fault is over: from then on the run may recover.</summary>
    public Task InjectAsync(PlannedFault fault, CancellationToken cancellationToken) => fault.Kind switch
    {
        ChaosKind.Kill => KillAsync(fault.Service!.Value, cancellationToken),
        ChaosKind.Freeze => FreezeAsync(fault.Service!.Value, fault.Lasts, cancellationToken),
        ChaosKind.Cut => proxies[fault.Service!.Value].CutAsync(fault.Lasts, cancellationToken),
        ChaosKind.Delay => proxies[fault.Service!.Value].DelayAsync(Lateness, fault.Lasts, cancellationToken),
        ChaosKind.Stall => proxies[fault.Service!.Value].StallAsync(fault.Lasts, cancellationToken),
        ChaosKind.FlushRedis => DistributedRun.Redis(run).FlushAsync(cancellationToken),
        ChaosKind.KillRedis => DistributedRun.Redis(run).StopAsync(cancellationToken),
        ChaosKind.StopPostgres => DistributedRun.Postgres(run).StopAsync(PostgresStop.Immediate, cancellationToken),
        ChaosKind.KillPostgres => DistributedRun.Postgres(run).StopAsync(PostgresStop.Kill, cancellationToken),
        ChaosKind.FillDisk => disk!.FillAsync(fault.Lasts, cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, null),
    };

    /// <summary>Kills the service's process, as soon as it has one.</summary>
    public async Task KillAsync(ServiceName service, CancellationToken cancellationToken)
    {
        var process = await LivingAsync(service, cancellationToken);
        process.Signal(Signals.Kill);
        await process.GoneAsync(TimeProvider.System, cancellationToken);
    }

    private async Task FreezeAsync(ServiceName service, TimeSpan lasts, CancellationToken cancellationToken)
    {
        var process = await LivingAsync(service, cancellationToken);
        process.Signal(Signals.Stop);
        try
        {
            await Task.Delay(lasts, cancellationToken);
        }
        finally
        {
            process.Signal(Signals.Continue);
        }
    }

    private async Task<ProcessIdentity> LivingAsync(ServiceName service, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ProcessIdentity.FromFile(_processes.PidFile(ServiceNames.Of(service))) is { } process)
            {
                return process;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }
}
