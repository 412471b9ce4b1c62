using Forge.Cli.Services;
using Forge.Contracts.Clients;
using Forge.Core.Ports;
using Forge.DataPool;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;

namespace Forge.Cli.Bench.Pool;

/// <summary>A pool that is measured through its ports: in this process, or as a service of its own behind the product's clients.</summary>
internal sealed class BenchedPool : IAsyncDisposable
{
    private readonly Func<ValueTask> _close;

    private BenchedPool(string place, Func<ValueTask> close) => (Place, _close) = (place, close);

    /// <summary>For the row.</summary>
    public string Place { get; }

    public required IEpisodeSink Sink { get; init; }

    public required IGroupDispatcher Dispatcher { get; init; }

    public required IBatchSource Source { get; init; }

    public static async Task<BenchedPool> OpenAsync(string folder, RunFile run, CancellationToken cancellationToken)
    {
        var pool = await DataPoolHost.OpenAsync(
            Path.Combine(folder, "pool.db"), run.Section<DataPoolOptions>(), TimeProvider.System, cancellationToken);
        return new BenchedPool("in process", pool.DisposeAsync) { Sink = pool, Dispatcher = pool, Source = pool };
    }

    public static async Task<BenchedPool> ServeAsync(string folder, RunFile run, CancellationToken cancellationToken)
    {
        var service = await ServedPool.StartAsync(folder, run, cancellationToken);
        var channels = new ServiceChannels(run, folder);
        var invoker = channels.To(ServiceName.DataPool);
        var (options, time) = (WireOptions.Default, TimeProvider.System);
        return new BenchedPool("service", CloseAsync)
        {
            Sink = new GrpcEpisodeSink(invoker, options, time),
            Dispatcher = new GrpcGroupDispatcher(invoker, options, time),
            Source = new GrpcBatchSource(invoker, options, time),
        };

        ValueTask CloseAsync()
        {
            channels.Dispose();
            return service.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => _close();
}
