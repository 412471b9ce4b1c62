namespace Forge.Rollout.Decoding;

/// <summary>
/// Chooses, per size of step, the mode that was fastest lately. On quiet cores threads win together; when other work (a trainer in the same
/// process) holds the cores, threads that wait for each other lose to separate ones or to one alone.
/// </summary>
internal sealed class StepModeChooser(int threads)
{
    private const int ProbeEvery = 64;
    private const int Modes = 3;
    private const double Memory = 0.85;

    // [log2 of the rows, mode]: seconds per row; 0 is unknown.
    private readonly double[,] _cost = new double[32, Modes];
    private readonly int[] _steps = new int[32];

    /// <summary>How the next step of this many rows should run.</summary>
    public StepMode Choose(int rows)
    {
        if (threads == 1)
        {
            return StepMode.Serial;
        }

        var bucket = int.Log2(rows);
        var step = ++_steps[bucket];
        return step % ProbeEvery == 0 ? (StepMode)(step / ProbeEvery % Modes) : Fastest(bucket);
    }

    /// <summary>Reports what a step took.</summary>
    public void Report(int rows, StepMode mode, TimeSpan elapsed)
    {
        ref var cost = ref _cost[int.Log2(rows), (int)mode];
        var measured = elapsed.TotalSeconds / rows;
        cost = cost == 0 ? measured : (Memory * cost) + ((1 - Memory) * measured);
    }

    // An unknown mode costs nothing so far, so each is tried once first.
    private StepMode Fastest(int bucket)
    {
        var best = StepMode.Together;
        for (var mode = StepMode.Separate; mode >= StepMode.Serial; mode--)
        {
            best = _cost[bucket, (int)mode] < _cost[bucket, (int)best] ? mode : best;
        }

        return best;
    }
}
