using System.Diagnostics;
using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Learning.Bench;

/// <summary>
/// Measures what the managed tensor API costs above direct C++ calls, and whether training holds its memory.
/// </summary>
public static class TorchBench
{
    // Many short repeats: the least of them is a call without interruption, on a busy machine too.
    private const int Repeats = 60;
    private const int CallsPerRepeat = 2_000;
    private const int Samples = 20;

    /// <summary>
    /// Nanoseconds a call from C# and from C++, one row per operator and size; the least of several repeats each.
    /// </summary>
    /// <remarks>On one thread, so that the figures show calls and not the waking of a thread pool.</remarks>
    public static IReadOnlyList<TorchCallCost> Calls()
    {
        var threads = TorchThreads.Count;
        TorchThreads.Count = 1;
        try
        {
            using var quiet = no_grad();
            return
            [
                Measure("add", (left, right) => left + right, 1),
                Measure("mul", (left, right) => left * right, 1),
                Measure("mul", (left, right) => left * right, 1024),
                Measure("matmul", (left, right) => left.matmul(right), 16, 16),
            ];
        }
        finally
        {
            TorchThreads.Count = threads;
        }
    }

    /// <summary>
    /// Trains a tiny model for some steps in dispose scopes and samples the process's resident memory.
    /// </summary>
    /// <remarks>
    /// Measuring starts when the garbage collector has run: until then the heap grows into its first budget.
    /// </remarks>
    /// <param name="steps">Steps that are measured, after the warm-up.</param>
    public static TorchMemoryCurve Memory(int steps = 2000)
    {
        using var outer = NewDisposeScope();
        var model = new TinyTraining();
        WarmUp(model, steps);
        var samples = new List<long>();
        var handles = new List<long>();
        for (var step = 0; step < steps; step++)
        {
            model.Step();
            if (step % Math.Max(steps / Samples, 1) == 0)
            {
                samples.Add(ResidentBytes());
                handles.Add(TorchBorder.forge_tensor_live_count());
            }
        }

        return new TorchMemoryCurve(steps, samples, handles);
    }

    private static void WarmUp(TinyTraining model, int steps)
    {
        var collections = GC.CollectionCount(0) + 2;
        for (var step = 0; step < 5 * steps; step++)
        {
            model.Step();
            if (step >= steps / 10 && GC.CollectionCount(0) >= collections)
            {
                return;
            }
        }
    }

    private static TorchCallCost Measure(string name, Func<Tensor, Tensor, Tensor> call, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var left = ones(shape);
        var right = ones(shape);
        double direct = double.MaxValue, managed = double.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            TorchBorder.Check(TorchBorder.forge_bench_direct(
                name, left.Handle, right.Handle, CallsPerRepeat, out var nanoseconds));
            direct = Math.Min(direct, nanoseconds);
            managed = Math.Min(managed, FromManaged(call, left, right));
        }

        return new TorchCallCost(name, string.Join("x", shape), direct, managed);
    }

    private static double FromManaged(Func<Tensor, Tensor, Tensor> call, Tensor left, Tensor right)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < CallsPerRepeat; i++)
        {
            using var result = call(left, right);
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / CallsPerRepeat;
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
