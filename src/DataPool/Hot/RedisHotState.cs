using System.Text.Json;
using StackExchange.Redis;

namespace Forge.DataPool.Hot;

/// <summary>Shows the pool to other processes through Redis: one key and one channel of the run.</summary>
/// <remarks>
/// <c>forge:RUN:window</c> is the whole window as JSON, gone by itself when no pool has written it for a while;
/// <c>forge:RUN:changed</c> wakes those who wait. A server that is flushed, stopped or started again is made up for by the next write.
/// </remarks>
public sealed class RedisHotState : IHotState
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(15);

    private readonly ConnectionMultiplexer _connection;
    private readonly InProcessHotState _signals;
    private readonly RedisKey _key;
    private readonly RedisChannel _channel;

    private RedisHotState(ConnectionMultiplexer connection, string run, TimeProvider time)
    {
        (_connection, _signals) = (connection, new InProcessHotState(time));
        _key = $"forge:{run}:window";
        _channel = new RedisChannel($"forge:{run}:changed", RedisChannel.PatternMode.Literal);
    }

    /// <summary>Connects, now or as soon as the server is there.</summary>
    /// <param name="connectionString">In StackExchange.Redis' form: <c>127.0.0.1:6379,password=…</c>.</param>
    /// <param name="run">Names the run; runs on one server do not meet.</param>
    /// <param name="time">Paces waiting.</param>
    public static async Task<RedisHotState> ConnectAsync(string connectionString, string run, TimeProvider time)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = options.SyncTimeout = 2000;
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var state = new RedisHotState(connection, run, time);
        await state.SubscribeAsync();
        return state;
    }

    public async Task<bool> TryWriteAsync(HotWindow window, CancellationToken cancellationToken)
    {
        try
        {
            var database = _connection.GetDatabase();
            await database.StringSetAsync(_key, JsonSerializer.SerializeToUtf8Bytes(window), Lifetime).WaitAsync(cancellationToken);
            await database.PublishAsync(_channel, "").WaitAsync(cancellationToken);
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
            byte[]? json = await _connection.GetDatabase().StringGetAsync(_key).WaitAsync(cancellationToken);
            return json is null ? null : JsonSerializer.Deserialize<HotWindow>(json);
        }
        catch (Exception fault) when (IsAway(fault))
        {
            return null;
        }
    }

    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _signals.WaitAsync(atMost, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync();
        _connection.Dispose();
    }

    private static bool IsAway(Exception fault) => fault is RedisException or TimeoutException or JsonException;

    private async Task SubscribeAsync()
    {
        try
        {
            // The client subscribes again by itself after the server was away.
            await _connection.GetSubscriber().SubscribeAsync(_channel, (_, _) => _signals.TryWriteAsync(Nothing, CancellationToken.None));
        }
        catch (Exception fault) when (IsAway(fault))
        {
            // Until then, those who wait look again after their time.
        }
    }

    private static HotWindow Nothing { get; } = new(default, null!, null!, []);
}
