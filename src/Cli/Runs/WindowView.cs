using Forge.DataPool;
using Forge.DataPool.Hot;
using Forge.Hosting.Services;

namespace Forge.Cli.Runs;

/// <summary>The data pool's window, as somebody outside its process sees it.</summary>
/// <param name="Text">One line for a person.</param>
/// <param name="Source">Who told: <c>Redis</c>, or <c>the service</c> when the run has none, or it is empty.</param>
internal sealed record WindowView(string Text, string Source)
{
    /// <summary>The run's Redis; null when it has none.</summary>
    public static async Task<IHotState?> ConnectAsync(RunTarget target)
    {
        var redis = target.Run.Section<DataPoolOptions>().Redis;
        return target.IsDistributed && redis.IsUsed ? await redis.ConnectAsync(target.Processes.Run, TimeProvider.System) : null;
    }

    /// <summary>Reads the window from Redis, else from what the data pool's service answered.</summary>
    public static async Task<WindowView?> OfAsync(
        IHotState? hot, IReadOnlyDictionary<string, ServiceAnswer> services, CancellationToken cancellationToken)
    {
        if (hot is not null && await hot.ReadAsync(cancellationToken) is { } window)
        {
            return new WindowView(window.Describe(), "Redis");
        }

        var parts = services.GetValueOrDefault(ServiceNames.Of(ServiceName.DataPool))?.Status?.Parts ?? [];
        return parts.FirstOrDefault(part => part.Part == "window") is { } told ? new WindowView(told.Doing, "the service") : null;
    }
}
