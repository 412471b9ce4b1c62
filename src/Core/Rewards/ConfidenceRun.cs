namespace Forge.Core.Rewards;

/// <summary>
/// Notices a generation stuck in a loop: so many consecutive tokens, each more likely than a threshold
/// (MiniMax-M1, arXiv 2506.13585 §3.2: 3,000 tokens above 0.99). Such a rollout is ended early.
/// </summary>
/// <param name="runLength">Consecutive tokens, at least 1.</param>
/// <param name="threshold">Probability that each must be strictly above.</param>
public sealed class ConfidenceRun(int runLength = ConfidenceRun.DefaultRunLength, double threshold = ConfidenceRun.DefaultThreshold)
{
    public const int DefaultRunLength = 3000;

    public const double DefaultThreshold = 0.99;

    private int _run;

    /// <summary>Takes the next token's probability; true when the generation is to end with this token.</summary>
    public bool Observe(double probability)
    {
        _run = probability > threshold ? _run + 1 : 0;
        return _run >= runLength;
    }
}
