using System.Runtime.InteropServices;

namespace Forge.Learning.Fused.Native;

/// <summary>Mirrors <c>ForgeRmsNorm</c> of <c>native/cpu/train.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RmsNormCall
{
    public int ElementBytes;
    public int Threads;
    public int Tokens;
    public int Hidden;
    public double Epsilon;
    public nint Input;
    public nint Weight;
    public nint InverseDeviation;
    public nint Output;
    public nint OutputGradient;
    public nint InputGradient;
    public nint WeightGradient;
}
