using Forge.Core.Faults;
using Forge.DataPool.Hot;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>The pool's process: it crashes at store writes, before or after they took effect, and is started again on the same ledger.</summary>
/// <param name="world">Its time and its luck.</param>
/// <param name="options">The pool's.</param>
/// <param name="ledger">What its lives share.</param>
/// <param name="redis">Where it shows its window; null without one.</param>
internal sealed class SimulatedPool(SimulatedWorld world, DataPoolOptions options, ModelLedger ledger, SimulatedRedis? redis)
{
    private readonly List<Task> _mirrors = [];
    private DataPool? _pool;
    private TaskCompletionSource _died = new();
    private Task? _opening;
    private int _crashed;

    /// <summary>How often it crashed, or lost a store for a moment.</summary>
    public int Faults { get; private set; }

    /// <summary>Counts its lives.</summary>
    public int Life { get; private set; }

    /// <summary>Calls until there is an answer, as a wire client does: in the pool's next life when this one ends.</summary>
    public async Task<T> CallAsync<T>(Func<DataPool, Task<T>> call, Action<DataPool>? onNewLife = null, int knownLife = 0)
    {
        while (true)
        {
            await OpenAsync();
            var (pool, died, life) = (_pool!, _died.Task, Life);
            try
            {
                if (onNewLife is not null && life != knownLife)
                {
                    onNewLife(pool);
                    knownLife = life;
                }

                var answer = call(pool);
                if (await Task.WhenAny(answer, died) != died)
                {
                    return await answer;
                }
            }
            catch (ForgeException fault) when (fault.IsTransient)
            {
                await world.DelayAsync(1);
            }
        }
    }

    /// <summary>What ended a mirror that should go on: nothing, unless something is wrong.</summary>
    public IEnumerable<Exception> MirrorFaults => _mirrors.Select(mirror => mirror.Exception?.InnerException).OfType<Exception>();

    /// <summary>True once the hot state shows the pool as it is.</summary>
    public async Task<bool> IsShownAsync()
    {
        await OpenAsync();
        var state = await RedisHotState.OverAsync(redis!.Connect(() => true), SimulatedRedis.Run, world.Time);
        var shown = await state.ReadAsync(CancellationToken.None);
        return _pool is { } pool && shown is not null && (shown.Status.Dispatched, shown.Staleness.Version) == (pool.Status.Dispatched, pool.Staleness.Version);
    }

    /// <summary>What the pool says of itself, for a finding.</summary>
    public string Describe() => _pool is { } pool ? $"{pool.Status}, {pool.Staleness}" : "the pool is down";

    public void Crash()
    {
        Faults++;
        _pool = null;
        _crashed = Life;
        _died.TrySetResult();
    }

    private async Task OpenAsync()
    {
        while (_pool is null)
        {
            _opening ??= StartAsync();
            await _opening;
        }
    }

    // Now and then it takes longer than what the hot state shows lives.
    private async Task StartAsync()
    {
        await world.DelayAsync(world.Chance(0.05) ? 40 : 2);
        _died = new TaskCompletionSource();
        Life++;
        var life = Life;
        var store = new ModelStore(ledger, write => ApplyAsync(write, life), () => world.DelayAsync(0.05));
        var state = redis is null
            ? null
            : await RedisHotState.OverAsync(redis.Connect(() => life == Life && life != _crashed), SimulatedRedis.Run, world.Time);
        _pool = await DataPoolHost.OpenOverAsync(store, options, world.Time, state, CancellationToken.None);
        _opening = null;
        if (state is not null)
        {
            _mirrors.Add(MirrorAsync(_pool, state));
        }
    }

    // Slower than the product's, as leases and workers are here. A crashed process says no more.
    private async Task MirrorAsync(DataPool pool, IHotState state)
    {
        var mirror = new HotMirror(pool, state, world.Time) { LeastPause = TimeSpan.FromSeconds(0.5), MostPause = TimeSpan.FromSeconds(2) };
        await mirror.RunAsync(CancellationToken.None);
    }

    // 2 in 1,000 each: crash before the write, after it; lose the store's answer before the write, after it.
    private async Task ApplyAsync(Action write, int life)
    {
        await world.DelayAsync(0.05);
        if (life != Life || _pool is null)
        {
            await new TaskCompletionSource().Task;
        }

        var fate = world.IsHostile ? world.Random.Next(400) : int.MaxValue;
        if (fate is not (0 or 1))
        {
            write();
        }

        if (fate is 0 or 2)
        {
            Crash();
            await new TaskCompletionSource().Task;
        }

        if (fate is 1 or 3)
        {
            Faults++;
            throw new ForgeException("The store went away before it answered.") { IsTransient = true };
        }
    }
}
