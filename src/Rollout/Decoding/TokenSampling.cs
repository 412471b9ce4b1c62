using System.Runtime.InteropServices;
using Forge.Core.Ring;

namespace Forge.Rollout.Decoding;

/// <summary>How one token is drawn; laid out as <c>forge_sampling</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TokenSampling
{
    /// <param name="sampling">The request's parameters.</param>
    /// <param name="turn">Separates the draws of calls that share a seed.</param>
    /// <param name="index">Which response token, from 0.</param>
    public TokenSampling(SamplingParameters sampling, int turn, int index)
    {
        Temperature = sampling.Temperature;
        TopP = sampling.TopP;
        TopK = sampling.TopK;
        Stream = (uint)turn;
        Seed = sampling.Seed;
        Index = (ulong)index;
    }

    public double Temperature { get; }

    public double TopP { get; }

    public int TopK { get; }

    public uint Stream { get; }

    public ulong Seed { get; }

    public ulong Index { get; }
}
