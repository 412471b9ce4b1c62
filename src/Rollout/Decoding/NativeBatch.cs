using System.Runtime.InteropServices;

namespace Forge.Rollout.Decoding;

/// <summary>Laid out as <c>forge_decoder_batch</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBatch
{
    public int Rows;
    public int* Tokens;
    public int* Slots;
    public int* Positions;
    public int Outputs;
    public int* OutputRows;
    public TokenSampling* Sampling;
    public SampledToken* Samples;
    public float* Logits;
    public byte* Experts;
    public int Threads;
    public int Separate;
}
