// T queries, S keys, H query heads, G key/value heads, K head dim
using System.Runtime.InteropServices;
using Forge.Learning.Model.Attention.Levels.Planning;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Compares a kernel with the fp64 reference on small calls, forward and backward.</summary>
/// <param name="Dtype">What the kernel computes in.</param>
/// <param name="DeviceType">Where it computes.</param>
/// <param name="DeviceIndex">Which of these devices.</param>
/// <param name="QueriesPerKey">Query heads per key/value head.</param>
/// <param name="HeadDim">Channels per head.</param>
internal sealed record KernelProbe(ScalarType Dtype, DeviceType DeviceType, int DeviceIndex, int QueriesPerKey, int HeadDim)
{
    private const int Groups = 2;

    private const int Rows = 384;

    private Device Device => device(DeviceType, DeviceIndex);

    /// <summary>Segments of one and of many queries, queries without keys, copied keys, keys before the queries.</summary>
    public static IReadOnlyList<AttentionCall> SegmentedCalls { get; } =
    [
        Call(isDense: false, isCausal: true, ([0, 5], [[0, 5]]), ([5, 6], [[0, 6]]), ([6, 200], [[0, 3], [6, 200]])),
        Call(isDense: false, isCausal: true, ([100, 384], [[0, 384]])),
        Call(isDense: false, isCausal: false, ([0, 7], [[150, 300]]), ([20, 170], [[0, 9]]), ([170, 171], [[3, 5]])),
    ];

    /// <summary>A rectangle and a causal square.</summary>
    public static IReadOnlyList<AttentionCall> DenseCalls { get; } =
    [
        Call(isDense: true, isCausal: false, ([128, 384], [[0, 384]])),
        Call(isDense: true, isCausal: true, ([0, 256], [[0, 256]])),
    ];

    /// <summary>Takes a kernel if the relative errors (Frobenius norm) of its outputs, sums and gradients are small.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="calls">What it is asked.</param>
    /// <param name="tolerance">The largest error that is small.</param>
    /// <returns>Null, or why it is not to be used.</returns>
    public string? Refuse(IAttentionKernel kernel, IReadOnlyList<AttentionCall> calls, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        try
        {
            var error = calls.Max(call => Error(kernel, new PlacedCall(call, Device)));
            return error < tolerance ? null : FormattableString.Invariant($"its relative error against fp64 is {error:g3}, above {tolerance}");
        }
        catch (Exception error) when (error is InvalidOperationException or ExternalException or IndexOutOfRangeException)
        {
            return error.Message.Split('\n')[0];
        }
    }

    private static AttentionCall Call(bool isDense, bool isCausal, params (int[] Queries, int[][] Keys)[] segments)
        => new(
            [.. segments.Select(segment => new AttentionSegment(Range(segment.Queries), [.. segment.Keys.Select(Range)]))],
            new CallKind(isDense, isCausal), firstQuery: 0);

    private static RowRange Range(int[] ends) => new(ends[0], ends[1]);

    private static double Difference(Tensor actual, Tensor expected)
    {
        var wide = actual.to_type(ScalarType.Float64);
        return (wide.sub(expected).norm() / expected.norm()).ToDouble();
    }

    private double Error(IAttentionKernel kernel, PlacedCall call)
    {
        using var scope = NewDisposeScope();
        var scale = 1 / Math.Sqrt(HeadDim);
        var (q_THK, outGradient_THK) = (call.Queries(Noise(Groups * QueriesPerKey, 1)), call.Queries(Noise(Groups * QueriesPerKey, 2)));
        var (k_SGK, v_SGK) = (call.Keys(Noise(Groups, 3)), call.Keys(Noise(Groups, 4)));
        var reference = new ReferenceKernel();
        var actual = kernel.Forward(q_THK, k_SGK, v_SGK, call, scale);
        var expected = reference.Forward(Exact(q_THK), Exact(k_SGK), Exact(v_SGK), call, scale);

        // As if further keys had been merged: the backward pass must go by what it is given.
        var logSumExp_HT = expected.LogSumExp_HT.logaddexp(zeros_like(expected.LogSumExp_HT)).to_type(actual.LogSumExp_HT.dtype);
        var merged = new AttentionPart(expected.Out_THK.mul(0.8).to_type(Dtype), logSumExp_HT, actual.Seeds);
        var gradients = kernel.Backward(outGradient_THK, q_THK, k_SGK, v_SGK, merged, call, scale);
        var exact = reference.Backward(
            Exact(outGradient_THK), Exact(q_THK), Exact(k_SGK), Exact(v_SGK),
            new AttentionPart(Exact(merged.Out_THK), Exact(merged.LogSumExp_HT), []), call, scale);
        return new[]
        {
            Difference(actual.Out_THK, expected.Out_THK), Difference(actual.LogSumExp_HT.exp(), expected.LogSumExp_HT.exp()),
            Difference(gradients.Query_THK, exact.Query_THK), Difference(gradients.Key_SGK, exact.Key_SGK),
            Difference(gradients.Value_SGK, exact.Value_SGK),
        }.Max(error => double.IsNaN(error) ? double.PositiveInfinity : error);
    }

    private static Tensor Exact(Tensor value) => value.to_type(ScalarType.Float64);

    // Uniform with variance 1, and the same wherever it runs. Rows must not resemble each other: gradients of smooth rows are small differences
    // of large numbers, whose rounding says nothing about a kernel.
    private Tensor Noise(int heads, int seed)
    {
        var scaled = arange(Rows * heads * HeadDim, dtype: ScalarType.Float64, device: Device).add(0.5).mul(12.9898 * seed).sin().mul(43758.5453);
        return scaled.sub(scaled.floor()).sub(0.5).mul(Math.Sqrt(12)).view(Rows, heads, HeadDim).to_type(Dtype);
    }
}
