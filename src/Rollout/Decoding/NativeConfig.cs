using System.Runtime.InteropServices;

namespace Forge.Rollout.Decoding;

/// <summary>Laid out as <c>forge_decoder_config</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeConfig
{
    public int Vocabulary;
    public int Hidden;
    public int Layers;
    public int Heads;
    public int KeyValueHeads;
    public int HeadDimension;
    public int RotaryDimension;
    public int Experts;
    public int ExpertsPerToken;
    public int ExpertWidth;
    public int MaxContext;
    public int Slots;
    public int MaxRows;
    public float NormEpsilon;
    public double RopeTheta;
}
