using System.Text.Json;
using Forge.Core.Faults;
using Forge.DataPool.Hot;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>
/// A Redis server and the way to it: it is flushed, stopped for a while, slow; commands fail after they took effect, or take effect after they failed.
/// </summary>
internal sealed class SimulatedRedis(SimulatedWorld world, Defect defect)
{
    public const string Run = "simulated";

    private readonly Dictionary<string, (byte[] Value, TimeSpan Until)> _values = [];
    private TimeSpan _awayUntil;

    public int Faults { get; private set; }

    private TimeSpan Now => world.Time.Now;

    /// <summary>A connection of a process; after the process has died, nothing comes back.</summary>
    public IRedisLink Connect(Func<bool> isAlive) => new Link(this, isAlive);

    private async Task<T> AnswerAsync<T>(Func<T> command, Func<bool> isAlive)
    {
        await world.DelayAsync(0.05);
        try
        {
            return await ServeAsync(command);
        }
        finally
        {
            if (!isAlive())
            {
                await new TaskCompletionSource().Task;
            }
        }
    }

    private async Task<T> ServeAsync<T>(Func<T> command)
    {
        if (world.IsHostile && world.Time.Now < _awayUntil)
        {
            await world.DelayAsync(2);
            throw Away();
        }

        switch (world.IsHostile ? world.Random.Next(80) : int.MaxValue)
        {
            case 0:
                Faults++;
                _values.Clear();
                return command();
            case 1:
                Faults++;
                _values.Clear();
                _awayUntil = world.Time.Now + TimeSpan.FromSeconds(1 + (20 * world.Random.NextDouble()));
                throw Away();
            case 2:
                Faults++;
                _ = LaterAsync(command);
                await world.DelayAsync(2);
                throw Away();
            case 3:
                Faults++;
                command();
                throw Away();
            case 4 or 5:
                await world.DelayAsync(2);
                return command();
            default:
                return command();
        }
    }

    // It was on its way when its sender gave it up; the sender may be dead when it arrives.
    private async Task LaterAsync<T>(Func<T> command)
    {
        await world.DelayAsync(15);
        command();
    }

    private Exception Away() => defect == Defect.StopsShowing
        ? new InvalidOperationException("This is no way to be away.")
        : new InfrastructureFaultException("Redis is away.");

    private byte[]? Get(string key)
    {
        var value = _values.TryGetValue(key, out var kept) && kept.Until > world.Time.Now ? kept.Value : null;
        return value is null || defect != Defect.ShowsNoLeases
            ? value
            : JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Deserialize<HotWindow>(value)! with { Leases = [] });
    }

    private sealed class Link(SimulatedRedis server, Func<bool> isAlive) : IRedisLink
    {
        public Task SetAsync(string key, byte[] value, TimeSpan lifetime)
            => server.AnswerAsync(() => server._values[key] = (value, server.Now + lifetime), isAlive);

        public Task<byte[]?> GetAsync(string key) => server.AnswerAsync(() => server.Get(key), isAlive);

        public Task PublishAsync(string channel) => server.AnswerAsync(() => true, isAlive);

        public Task SubscribeAsync(string channel, Action onMessage) => server.AnswerAsync(() => true, isAlive);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
