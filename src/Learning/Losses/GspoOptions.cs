namespace Forge.Learning.Losses;

/// <summary>Bounds of the sequence-level ratio.</summary>
public sealed record GspoOptions
{
    /// <summary>The ratio is clipped at 1 − this; a mean over a sequence moves little, so both bounds are far below PPO's (arXiv 2507.18071 §5.1).</summary>
    public double EpsilonLow { get; init; } = 3e-4;

    /// <summary>The ratio is clipped at 1 + this.</summary>
    public double EpsilonHigh { get; init; } = 4e-4;

    /// <summary>The mean log-ratio is capped at this before it is exponentiated; null caps nothing.</summary>
    public double? LogRatioCap { get; init; } = 10;

    /// <summary>
    /// False: a token's ratio has the sequence's value and its own gradient (GSPO-token). True: the one ratio is differentiated through all
    /// of its tokens. The two agree where the tokens of a sequence have one advantage and one weight.
    /// </summary>
    public bool IsCoupled { get; init; }
}
