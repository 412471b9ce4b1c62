using Forge.Core.Faults;

namespace Forge.Contracts.Weights;

/// <summary>Knows how many bytes an element of each safetensors dtype has.</summary>
internal static class ElementSizes
{
    /// <exception cref="TornTransferException">The dtype is unknown.</exception>
    public static int Of(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "F8_E4M3" or "F8_E5M2" or "I8" or "U8" or "BOOL" => 1,
        _ => throw new TornTransferException($"'{dtype}' is no safetensors dtype that weights travel in."),
    };
}
