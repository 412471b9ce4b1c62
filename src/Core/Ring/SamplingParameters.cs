using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>How tokens are drawn. The same request with the same seed gives the same tokens, whatever else is in the batch.</summary>
public sealed record SamplingParameters
{
    /// <summary>Softmax temperature, ≥ 0; 0 is greedy (ties go to the lowest id).</summary>
    public double Temperature { get; init; } = 1.0;

    /// <summary>Keeps the smallest set of most likely tokens whose probability reaches this, in (0, 1]; 1 keeps all.</summary>
    public double TopP { get; init; } = 1.0;

    /// <summary>Keeps this many most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Seeds this request's own random stream.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most response tokens, the stop token included; at least 1.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Sampling any of these ends the response; the stop token stays in the response ids.</summary>
    public ImmutableArray<int> StopTokenIds { get; init; } = [];
}
