using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Says where a model lives and in which precision; a model is built in its place and never moves.</summary>
/// <param name="Device">CPU or one CUDA device.</param>
/// <param name="Dtype">float64, float32 or bfloat16: the precision of weights and activations.</param>
public sealed record ModelPlacement(Device Device, ScalarType Dtype)
{
    /// <summary>The quickstart's place: fp32 on the CPU.</summary>
    public static ModelPlacement CpuFloat32 => new(CPU, ScalarType.Float32);

    /// <summary>
    /// The precision of the router, the LM head, norms' statistics and softmax: at least fp32, never below the model's
    /// own.
    /// </summary>
    public ScalarType WideDtype => Dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>Reads a device name as users write it: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
    /// <exception cref="ArgumentException">The name is not one of these, or the machine has no such device.</exception>
    public static Device ParseDevice(string name)
    {
        var parts = name.Split(':');
        var index = 0;
        if (parts is not ["cpu"] && !(parts[0] == "cuda" && (parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], out index)))))
        {
            throw new ArgumentException($"Device '{name}' is not known. Use cpu, cuda or cuda:<index>.", nameof(name));
        }

        if (parts[0] == "cpu")
        {
            return CPU;
        }

        var count = cuda.is_available() ? cuda.device_count() : 0;
        return index < count && index >= 0
            ? device(DeviceType.CUDA, index)
            : throw new ArgumentException($"Device '{name}' is absent: libtorch sees {count} CUDA device(s). Use cpu.", nameof(name));
    }
}
