using System.Runtime.InteropServices;

namespace Forge.Learning.Fused.Native;

/// <summary>Mirrors <c>ForgeExpertBlock</c> of <c>native/cpu/train.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExpertBlockCall
{
    public int ElementBytes;
    public int Threads;
    public int Tokens;
    public int Hidden;
    public int Experts;
    public int ExpertsPerToken;
    public int ExpertWidth;
    public double NormEpsilon;
    public nint Input;
    public nint Norm;
    public nint Router;
    public nint SelectionBias;
    public nint Forced;
    public nint Gate;
    public nint Down;
    public nint Up;
    public nint Saved;
    public nint Output;
    public nint Choices;
    public nint Weights;
    public nint RouterLogits;
    public nint OutputGradient;
    public nint InputGradient;
    public nint NormGradient;
    public nint RouterGradient;
    public nint GateGradient;
    public nint DownGradient;
    public nint UpGradient;
}
