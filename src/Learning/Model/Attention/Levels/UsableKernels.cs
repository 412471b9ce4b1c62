// N rows, H query heads, G key/value heads, K head dim
using System.Collections.Concurrent;
using Forge.Learning.Model.Attention.Levels.Planning;
using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Finds the kernels that this machine's libtorch has for given tensors; each is believed after small problems.</summary>
internal static class UsableKernels
{
    // bf16 keeps 8 bits: one rounding is up to 0.4 %, and the reference kernel has 0.3 % against fp64.
    private const double Tolerance = 0.02;

    private const int WidthMultiple = 8;

    private static readonly ConcurrentDictionary<KernelProbe, LevelKernels?> Known = new();

    private static readonly ConcurrentQueue<string> Refused = new();

    /// <summary>Which kernels were tried and are not used, and why.</summary>
    public static IReadOnlyCollection<string> Refusals => Refused;

    /// <summary>Null where there is no segmented kernel: another device or dtype, an old libtorch, an old chip.</summary>
    public static LevelKernels? For(Tensor q_NHK, Tensor k_NGK)
        => q_NHK.device_type == DeviceType.CUDA && q_NHK.dtype is ScalarType.BFloat16 or ScalarType.Float16 && q_NHK.shape[2] % WidthMultiple == 0
            ? Known.GetOrAdd(
                new KernelProbe(
                    q_NHK.dtype, q_NHK.device_type, q_NHK.device_index, (int)(q_NHK.shape[1] / k_NGK.shape[1]), (int)q_NHK.shape[2]),
                Find)
            : null;

    private static LevelKernels? Find(KernelProbe probe)
    {
        var segmented = Try(probe, FlashKernel.ForwardName, FlashKernel.BackwardName, () => new FlashKernel(), KernelProbe.SegmentedCalls);
        return segmented is null
            ? null
            : new LevelKernels(
                segmented, Try(probe, CudnnKernel.ForwardName, CudnnKernel.BackwardName, () => new CudnnKernel(), KernelProbe.DenseCalls));
    }

    private static IAttentionKernel? Try(
        KernelProbe probe, string forward, string backward, Func<IAttentionKernel> create, IReadOnlyList<AttentionCall> calls)
    {
        var kernel = TorchOperator.Exists(forward) && TorchOperator.Exists(backward) ? create() : null;
        if ((kernel is null ? "this libtorch doesn't have it" : probe.Refuse(kernel, calls, Tolerance)) is { } reason)
        {
            Refused.Enqueue($"{forward} ({probe.Dtype}, head dim {probe.HeadDim}, {probe.QueriesPerKey} queries per key): {reason}");
            return null;
        }

        return kernel;
    }
}
