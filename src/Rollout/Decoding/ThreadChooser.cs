namespace Forge.Rollout.Decoding;

/// <summary>
/// Chooses between one thread and all of them, per size of step, by what was faster lately: threads that meet at barriers lose
/// to a single one when other work (a trainer in the same process) holds their cores. Results do not depend on the choice.
/// </summary>
internal sealed class ThreadChooser(int maximum)
{
    private const int ProbeEvery = 64;
    private const double Memory = 0.85;

    // [log2 of the rows, 0: one thread, 1: all], seconds per row; 0 is unknown.
    private readonly double[,] _cost = new double[32, 2];
    private readonly int[] _steps = new int[32];

    /// <summary>The threads that the next step of this many rows should take.</summary>
    public int Choose(int rows)
    {
        if (maximum == 1)
        {
            return 1;
        }

        var bucket = Bucket(rows);
        var faster = _cost[bucket, 1] <= _cost[bucket, 0] || _cost[bucket, 0] == 0 ? 1 : 0;
        var probe = ++_steps[bucket] % ProbeEvery == 0;
        return (probe ? 1 - faster : faster) == 1 ? maximum : 1;
    }

    /// <summary>Reports what a step took.</summary>
    public void Report(int rows, int threads, TimeSpan elapsed)
    {
        ref var cost = ref _cost[Bucket(rows), threads == 1 ? 0 : 1];
        var measured = elapsed.TotalSeconds / rows;
        cost = cost == 0 ? measured : (Memory * cost) + ((1 - Memory) * measured);
    }

    private static int Bucket(int rows) => int.Log2(rows);
}
