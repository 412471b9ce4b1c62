using System.Runtime.InteropServices;

namespace Forge.Rollout.Decoding;

/// <summary>One drawn token; laid out as <c>forge_sample_result</c>.</summary>
/// <param name="Id">The token.</param>
/// <param name="PolicyLogProb">At the sampling temperature, before truncation; at temperature 0 that of temperature 1.</param>
/// <param name="BehaviorLogProb">After top-k and top-p and renormalisation: what it was really drawn with.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SampledToken(int Id, float PolicyLogProb, float BehaviorLogProb);
