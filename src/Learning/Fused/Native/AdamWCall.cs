using System.Runtime.InteropServices;

namespace Forge.Learning.Fused.Native;

/// <summary>Mirrors <c>ForgeAdamW</c> of <c>native/cpu/train.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AdamWCall
{
    public int Threads;
    public int Tensors;
    public long Step;
    public nint Parameters;
    public nint FirstMoments;
    public nint SecondMoments;
    public nint Gradients;
    public nint Sizes;
    public nint Decays;
    public double Rate;
    public double Beta1;
    public double Beta2;
    public double Epsilon;
    public double GradientScale;
}
