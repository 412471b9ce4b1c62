namespace Forge.Learning.Losses;

/// <summary>What <see cref="PenalizedLoss"/> adds; a weight of 0 adds nothing.</summary>
public sealed record PenaltyOptions
{
    /// <summary>Weight of the KL divergence from the policy that the tokens were drawn from.</summary>
    public double KlWeight { get; init; }

    public KlOptions Kl { get; init; } = new();

    /// <summary>Weight of the entropy, which lowers the loss.</summary>
    public double EntropyWeight { get; init; }
}
