namespace Forge.DataPool.Tests.Simulation;

/// <summary>
/// One thread, virtual time and one source of randomness: what is ready runs in a random order, and time moves when nothing is ready. The same
/// seed gives the same history.
/// </summary>
internal sealed class SimulatedWorld(int seed) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    public Random Random { get; } = new(seed);

    public SimulatedTime Time { get; } = new();

    /// <summary>While true, things break.</summary>
    public bool IsHostile { get; set; } = true;

    public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    public bool Chance(double probability) => IsHostile && Random.NextDouble() < probability;

    public Task DelayAsync(double mostSeconds)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Time.CreateTimer(_ => done.TrySetResult(), null, TimeSpan.FromSeconds(Random.NextDouble() * mostSeconds), Timeout.InfiniteTimeSpan);
        return done.Task;
    }

    /// <summary>Runs until the task has ended, or <paramref name="until"/> has come, or nothing is left to happen.</summary>
    public void Run(Task task, TimeSpan until)
    {
        while (!task.IsCompleted && Time.Now < until)
        {
            if (_ready.Count > 0)
            {
                var index = Random.Next(_ready.Count);
                var (callback, state) = _ready[index];
                _ready.RemoveAt(index);
                callback(state);
            }
            else if (!Time.FireNext())
            {
                return;
            }
        }
    }
}
