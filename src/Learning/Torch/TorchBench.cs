using System.Diagnostics;
using static TorchSharp.torch;

namespace Forge.Learning.Torch;

/// <summary>Measures what the managed tensor API costs above direct C++ calls, and whether training holds its memory.</summary>
public static class TorchBench
{
    // Many short repeats: the least of them is a call without interruption, on a busy machine too.
    private const int Repeats = 60;
    private const int CallsPerRepeat = 2_000;

    /// <summary>Nanoseconds a call from C# and from C++, one row per operator and size; the least of several repeats each.</summary>
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

    /// <summary>Trains a tiny model for some steps in dispose scopes and samples the process's resident memory.</summary>
    /// <param name="steps">Steps after the warm-up; the first tenth is not measured.</param>
    public static TorchMemoryCurve Memory(int steps = 2000)
    {
        using var outer = NewDisposeScope();
        var model = new TinyTraining();
        var samples = new List<long>();
        var handles = new List<long>();
        var warmup = Math.Max(steps / 10, 1);
        for (var step = 0; step < warmup + steps; step++)
        {
            model.Step();
            if (step >= warmup && (step - warmup) % Math.Max(steps / 20, 1) == 0)
            {
                samples.Add(ResidentBytes());
                handles.Add(TorchBorder.forge_tensor_live_count());
            }
        }

        return new TorchMemoryCurve(steps, samples, handles);
    }

    private static TorchCallCost Measure(string name, Func<Tensor, Tensor, Tensor> call, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var left = ones(shape);
        var right = ones(shape);
        double direct = double.MaxValue, managed = double.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            TorchBorder.Check(TorchBorder.forge_bench_direct(name, left.Handle, right.Handle, CallsPerRepeat, out var nanoseconds));
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
