using System.Runtime.InteropServices;

namespace Forge.Learning.Fused.Native;

/// <summary>Mirrors <c>ForgeAttentionBlock</c> of <c>native/cpu/train.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttentionBlockCall
{
    public int ElementBytes;
    public int Threads;
    public int Tokens;
    public int Hidden;
    public int Heads;
    public int KeyValueHeads;
    public int HeadDim;
    public int RotaryDim;
    public int Trees;
    public int Past;
    public double NormEpsilon;
    public nint TreeStarts;
    public nint KeyEnd;
    public nint PastKeyEnd;
    public nint PastKeys;
    public nint PastValues;
    public nint Cosine;
    public nint Sine;
    public nint Input;
    public nint Norm;
    public nint QueryProjection;
    public nint KeyProjection;
    public nint ValueProjection;
    public nint QueryNorm;
    public nint KeyNorm;
    public nint OutputProjection;
    public nint Saved;
    public nint Output;
    public nint KeysOutput;
    public nint ValuesOutput;
    public nint OutputGradient;
    public nint KeysOutputGradient;
    public nint ValuesOutputGradient;
    public nint PastKeysGradient;
    public nint PastValuesGradient;
    public nint InputGradient;
    public nint NormGradient;
    public nint QueryProjectionGradient;
    public nint KeyProjectionGradient;
    public nint ValueProjectionGradient;
    public nint QueryNormGradient;
    public nint KeyNormGradient;
    public nint OutputProjectionGradient;
}
