using System.Runtime.InteropServices;

namespace Forge.Learning.Fused.Native;

/// <summary>Mirrors <c>ForgeLogProbs</c> of <c>native/cpu/train.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LogProbsCall
{
    public int ElementBytes;
    public int Threads;
    public int Tokens;
    public int Hidden;
    public int Vocabulary;
    public int Edges;
    public double Temperature;
    public nint EdgeRows;
    public nint Targets;
    public nint Input;
    public nint Head;
    public nint Saved;
    public nint LogProbs;
    public nint Entropy;
    public nint LogProbsGradient;
    public nint EntropyGradient;
    public nint InputGradient;
    public nint HeadGradient;
}
