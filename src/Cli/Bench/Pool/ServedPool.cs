using Forge.Cli.Runs;
using Forge.Core.Faults;
using Forge.DataPool;
using Forge.Hosting.Calls;
using Forge.Hosting.Local;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Bench.Pool;

/// <summary>A data pool as <c>forge serve data_pool</c> runs it, in a process of its own behind its Unix socket, with its Redis when it has one.</summary>
internal sealed class ServedPool : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly SupervisedProcess _process;
    private readonly HealthProbe _probe;
    private readonly LocalRedis? _redis;
    private readonly string _output;

    private ServedPool(string folder, RunFile run)
    {
        var (processes, name) = (new RunProcesses(folder), ServiceNames.Of(ServiceName.DataPool));
        processes.Create();
        _output = processes.OutputFile(name);
        var address = ServiceAddress.Parse(run.Section<ServicesOptions>().AddressOf(ServiceName.DataPool), folder);
        _probe = new HealthProbe(address, run.Section<SecurityOptions>().Tls);
        _process = new SupervisedProcess(
            processes, name, DistributedRun.Forge(["serve", name, "--run", Path.Combine(folder, "run.yaml"), "--run-dir", folder]), _probe.AnswersAsync,
            TimeProvider.System);
        _redis = run.Section<DataPoolOptions>().Redis.IsLocal ? DistributedRun.Redis(folder) : null;
    }

    /// <exception cref="ForgeException">It did not start; its own words are in the message.</exception>
    public static async Task<ServedPool> StartAsync(string folder, RunFile run, CancellationToken cancellationToken)
    {
        ServiceKeys.MakeTokenFile(run.Section<SecurityOptions>(), folder);
        var pool = new ServedPool(folder, run);
        try
        {
            await (pool._redis?.StartAsync(cancellationToken) ?? Task.CompletedTask);
            await pool._process.StartAsync(cancellationToken);
            await pool.WaitAsync(cancellationToken);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(StopLimit, CancellationToken.None);
        await (_redis?.StopAsync(CancellationToken.None) ?? Task.CompletedTask);
        _probe.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await _process.AnswersAsync(cancellationToken))
        {
            if (_process.ProcessId is null || TimeProvider.System.GetElapsedTime(started) > StartLimit)
            {
                throw new ForgeException($"The pool's service did not start: {await File.ReadAllTextAsync(_output, cancellationToken)}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
