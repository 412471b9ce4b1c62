using Forge.Core.Faults;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>The pool's process: it crashes at store writes, before or after they took effect, and is started again on the same ledger.</summary>
internal sealed class SimulatedPool(SimulatedWorld world, DataPoolOptions options, ModelLedger ledger)
{
    private DataPool? _pool;
    private TaskCompletionSource _died = new();
    private Task? _opening;

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

    /// <summary>What the pool says of itself, for a finding.</summary>
    public string Describe() => _pool is { } pool ? $"{pool.Status}, {pool.Staleness}" : "the pool is down";

    public void Crash()
    {
        Faults++;
        _pool = null;
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

    private async Task StartAsync()
    {
        await world.DelayAsync(2);
        _died = new TaskCompletionSource();
        Life++;
        var life = Life;
        _pool = await DataPool.OpenAsync(new ModelStore(ledger, write => ApplyAsync(write, life), () => world.DelayAsync(0.05)), options, world.Time, CancellationToken.None);
        _opening = null;
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
