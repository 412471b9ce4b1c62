using System.Collections.Immutable;

namespace Forge.Gateway.Protocols;

/// <summary>How the caller asked for tokens to be drawn; null where it did not say. A training run may draw otherwise, and records both.</summary>
public sealed record AskedSampling
{
    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public long? Seed { get; init; }

    /// <summary>Most tokens of the answer, thinking included.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end the answer; at most 4.</summary>
    public ImmutableArray<string> Stop { get; init; } = [];

    public bool LogProbs { get; init; }

    /// <summary>Alternatives for each token, 0 to 20.</summary>
    public int TopLogProbs { get; init; }
}
