using Forge.Core.Faults;
using StackExchange.Redis;

namespace Forge.DataPool.Hot;

/// <summary>Speaks to a real server, which need not be there yet.</summary>
internal sealed class RedisLink : IRedisLink
{
    private const int MostMilliseconds = 2000;

    private readonly ConnectionMultiplexer _connection;

    private RedisLink(ConnectionMultiplexer connection) => _connection = connection;

    /// <param name="connectionString">In StackExchange.Redis' form: <c>127.0.0.1:6379,password=…</c>.</param>
    public static async Task<RedisLink> ConnectAsync(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = options.SyncTimeout = MostMilliseconds;
        return new RedisLink(await ConnectionMultiplexer.ConnectAsync(options));
    }

    public Task SetAsync(string key, byte[] value, TimeSpan lifetime) => AskAsync(database => database.StringSetAsync(key, value, lifetime));

    public Task<byte[]?> GetAsync(string key) => AskAsync(async database => (byte[]?)await database.StringGetAsync(key));

    public Task PublishAsync(string channel) => AskAsync(database => database.PublishAsync(Literal(channel), ""));

    public Task SubscribeAsync(string channel, Action onMessage) => AskAsync(async _ =>
    {
        await _connection.GetSubscriber().SubscribeAsync(Literal(channel), (_, _) => onMessage());
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync();
        _connection.Dispose();
    }

    private static RedisChannel Literal(string channel) => new(channel, RedisChannel.PatternMode.Literal);

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> command)
    {
        try
        {
            return await command(_connection.GetDatabase());
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException)
        {
            throw new InfrastructureFaultException($"Redis did not answer: {fault.Message}", fault);
        }
    }
}
