using System.Collections.Immutable;
using Forge.Cli.Composition;
using Forge.DataPool;
using Forge.DataPool.Stores;
using Forge.Hosting.Calls;
using Forge.Hosting.Faults;
using Forge.Hosting.Local;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary>Lays out a run whose services run apart, and supervises them: PostgreSQL and Redis out of the run's folder, then the five services.</summary>
internal static class DistributedRun
{
    // A killed process needs a moment beyond its own drain.
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    /// <summary>Makes the folder of a new run, with its run file and its key.</summary>
    /// <returns>The folder.</returns>
    public static string Prepare(RunFile run, string? runDirectory)
    {
        // What can't start leaves no folder behind.
        _ = PolicyFolder.OpenFor(run);
        using var directory = RunDirectory.Create(runDirectory, RunRequest.Parent(run), run.Section<RunOptions>().Name);
        RunDirectory.Write(directory.RunFile, run.Resolved);
        ServiceKeys.MakeTokenFile(run.Section<SecurityOptions>(), directory.Path);
        new RunProcesses(directory.Path).Create();
        return directory.Path;
    }

    public static Task<ExitCode> SuperviseAsync(RunFile run, string folder, Action<string> say, CancellationToken stop, CancellationToken stopNow)
        => SuperviseAsync(run, folder, _ => [], say, stop, stopNow);

    /// <param name="run">The run file.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="switches">What one service's command line has beside the run.</param>
    /// <param name="say">Told everything worth a line.</param>
    /// <param name="stop">Ends all processes in order.</param>
    /// <param name="stopNow">Kills what is left.</param>
    public static Task<ExitCode> SuperviseAsync(
        RunFile run, string folder, Func<ServiceName, IEnumerable<string>> switches, Action<string> say, CancellationToken stop, CancellationToken stopNow)
    {
        var processes = new RunProcesses(folder);
        return new Supervisor(new SupervisorParts
        {
            Folder = processes,
            Processes = Processes(run, processes, switches),
            Goal = ServiceNames.Of(ServiceName.Trainer),
            StopLimit = run.Section<ServicesOptions>().DrainTimeout + StopMargin,
            HangAfter = run.Section<ServicesOptions>().HangAfter,
            Say = say,
        }).RunAsync(stop, stopNow);
    }

    /// <summary>The processes of a run, in the order in which they start.</summary>
    public static ImmutableArray<ISupervised> Processes(RunFile run, RunProcesses processes) => Processes(run, processes, _ => []);

    /// <summary>The run's own PostgreSQL.</summary>
    public static LocalPostgres Postgres(string folder) => new(Path.Combine(folder, "postgres"), TimeProvider.System);

    /// <summary>The run's own Redis.</summary>
    public static LocalRedis Redis(string folder) => new(Path.Combine(folder, "redis"), TimeProvider.System);

    /// <summary>The command line that starts this very program.</summary>
    public static ImmutableArray<string> Forge(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Path.Combine(AppContext.BaseDirectory, "forge.dll")] : [program];
        return [.. host, .. arguments];
    }

    private static ImmutableArray<ISupervised> Processes(RunFile run, RunProcesses processes, Func<ServiceName, IEnumerable<string>> switches)
        => [.. Servers(run, processes.Run), .. Enum.GetValues<ServiceName>().Select(service => Service(run, processes, service, switches(service)))];

    // Servers that the run file names are somebody else's to keep.
    private static IEnumerable<ISupervised> Servers(RunFile run, string folder)
    {
        var pool = run.Section<DataPoolOptions>();
        if (pool is { Store: PoolStore.Postgres, Postgres.IsLocal: true })
        {
            yield return new SupervisedServer(Postgres(folder));
        }

        if (pool.Redis.IsLocal)
        {
            yield return new SupervisedServer(Redis(folder));
        }
    }

    private static SupervisedProcess Service(RunFile run, RunProcesses processes, ServiceName service, IEnumerable<string> switches)
    {
        var name = ServiceNames.Of(service);
        var address = ServiceAddress.Parse(run.Section<ServicesOptions>().AddressOf(service), processes.Run);
        return new SupervisedProcess(
            processes, name, Forge(["serve", name, "--run", Path.Combine(processes.Run, "run.yaml"), "--run-dir", processes.Run, .. switches]),
            new HealthProbe(address, run.Section<SecurityOptions>().Tls).AnswersAsync, TimeProvider.System);
    }
}
