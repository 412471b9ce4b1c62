namespace Forge.Rollout.Decoding;

/// <summary>The sizes of a MiniMax-M2 policy that decoding needs, as in its <c>config.json</c>.</summary>
/// <param name="Vocabulary">Token ids are 0 … this - 1.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDimension">Channels of a head.</param>
/// <param name="RotaryDimension">Leading channels of a head that are rotated; even.</param>
/// <param name="Experts">Experts of a layer, at most 256.</param>
/// <param name="ExpertsPerToken">Experts chosen for a token.</param>
/// <param name="ExpertWidth">Inner width of an expert.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
/// <param name="NormEpsilon">Added to the mean square in every norm.</param>
public sealed record PolicyShape(
    int Vocabulary,
    int Hidden,
    int Layers,
    int Heads,
    int KeyValueHeads,
    int HeadDimension,
    int RotaryDimension,
    int Experts,
    int ExpertsPerToken,
    int ExpertWidth,
    double RopeTheta,
    double NormEpsilon);
