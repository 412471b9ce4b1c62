using System.Text.Json;
using Forge.Core.Faults;

namespace Forge.DataPool.Hot;

/// <summary>Shows the pool to other processes through Redis: one key and one channel of the run.</summary>
/// <remarks>
/// <c>forge:RUN:window</c> is the whole window as JSON, gone by itself when no pool has written it for a while;
/// <c>forge:RUN:changed</c> wakes those who wait. A server that is flushed, stopped or started again is made up for by the next write.
/// </remarks>
public sealed class RedisHotState : IHotState
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    private readonly IRedisLink _link;
    private readonly InProcessHotState _signals;
    private readonly string _key;
    private readonly string _channel;

    private RedisHotState(IRedisLink link, string run, TimeProvider time)
    {
        (_link, _signals) = (link, new InProcessHotState(time));
        (_key, _channel) = ($"forge:{run}:window", $"forge:{run}:changed");
    }

    /// <summary>Connects, now or as soon as the server is there.</summary>
    /// <param name="connectionString">In StackExchange.Redis' form: <c>127.0.0.1:6379,password=…</c>.</param>
    /// <param name="run">Names the run; runs on one server do not meet.</param>
    /// <param name="time">Paces waiting.</param>
    public static async Task<RedisHotState> ConnectAsync(string connectionString, string run, TimeProvider time)
        => await OverAsync(await RedisLink.ConnectAsync(connectionString), run, time);

    internal static async Task<RedisHotState> OverAsync(IRedisLink link, string run, TimeProvider time)
    {
        var state = new RedisHotState(link, run, time);
        await state.SubscribeAsync();
        return state;
    }

    public async Task<bool> TryWriteAsync(HotWindow window, CancellationToken cancellationToken)
    {
        try
        {
            await _link.SetAsync(_key, JsonSerializer.SerializeToUtf8Bytes(window), Lifetime).WaitAsync(cancellationToken);
            await _link.PublishAsync(_channel).WaitAsync(cancellationToken);
            return true;
        }
        catch (Exception fault) when (IsAway(fault))
        {
            return false;
        }
    }

    public async Task<HotWindow?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var json = await _link.GetAsync(_key).WaitAsync(cancellationToken);
            return json is null ? null : JsonSerializer.Deserialize<HotWindow>(json);
        }
        catch (Exception fault) when (IsAway(fault))
        {
            return null;
        }
    }

    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _signals.WaitAsync(atMost, cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private static bool IsAway(Exception fault) => fault is InfrastructureFaultException or JsonException;

    private async Task SubscribeAsync()
    {
        try
        {
            await _link.SubscribeAsync(_channel, () => _signals.TryWriteAsync(Nothing, CancellationToken.None));
        }
        catch (Exception fault) when (IsAway(fault))
        {
            // Until then, those who wait look again after their time.
        }
    }

    private static HotWindow Nothing { get; } = new(default, null!, null!, []);
}
