using System.Globalization;
using Forge.Core.Faults;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Cli.Machine;

/// <summary>Checks libtorch and the device that is asked for by computing something small with them.</summary>
internal static class TorchFindings
{
    public static IEnumerable<Finding> Of(string device)
    {
        Finding torch;
        try
        {
            torch = new Finding("libtorch", Verdict.Good, string.Create(CultureInfo.InvariantCulture,
                $"{__version__}, {get_num_threads()} threads, {string.Join(", ", LoadedLibraries.Torch())}"));
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or ForgeException or EntryPointNotFoundException)
        {
            torch = new Finding("libtorch", Verdict.Bad, error.GetBaseException().Message, "Start through ./forge, which builds and finds the native library.");
        }

        yield return torch;
        if (torch.Verdict == Verdict.Good)
        {
            yield return Computes("cpu", CPU);
            yield return Cuda(device == "cuda");
            if (device == "cuda" && cuda.is_available())
            {
                yield return AttentionFindings.OfCuda();
                yield return GradientFindings.OfCuda();
            }
        }
    }

    private static Finding Cuda(bool isWanted)
        => cuda.is_available()
            ? Computes("cuda", CUDA)
            : new Finding("cuda", isWanted ? Verdict.Bad : Verdict.Good, "this libtorch sees no CUDA device",
                isWanted ? "Build against a libtorch with CUDA (a python3 with PyTorch, or LIBTORCH=…) on a machine with a GPU, or use --device cpu." : "");

    // (ones · ones) of order n has n everywhere: exact in fp32.
    private static Finding Computes(string name, Device device)
    {
        const int order = 256;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var square = ones(order, order, device: device);
        var sum = square.matmul(square).sum().cpu().ToSingle();
        var isRight = sum == (float)order * order * order;
        return new Finding($"{name} arithmetic", isRight ? Verdict.Good : Verdict.Bad, isRight ? "a matrix product is exact" : $"a product of ones gave {sum}",
            isRight ? "" : "The libtorch or its driver is broken.");
    }
}
