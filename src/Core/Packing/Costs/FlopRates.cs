namespace Forge.Core.Packing.Costs;

/// <summary>Floating-point operations of training, forward and backward, per counted thing; the optimizer costs the same however samples are merged.</summary>
/// <param name="PerToken">c_t: of the layers' weights, per row.</param>
/// <param name="PerPair">c_a: of attention, per (query, key) pair over all heads and layers.</param>
/// <param name="PerEdge">Of the LM head, per scored prediction.</param>
public readonly record struct FlopRates(double PerToken, double PerPair, double PerEdge)
{
    /// <summary>
    /// c_t = 6 · active parameters, c_a = 12 · head dim · heads · layers (4 forward, 8 backward), LM head 6 · its parameters.
    /// </summary>
    /// <param name="activeParameters">Parameters that one row meets, without embedding and LM head.</param>
    /// <param name="attentionWidth">Head dim · query heads.</param>
    /// <param name="layers">Layers with attention.</param>
    /// <param name="headParameters">Hidden size · vocabulary.</param>
    public static FlopRates Training(double activeParameters, int attentionWidth, int layers, double headParameters)
        => new(6 * activeParameters, 12.0 * attentionWidth * layers, 6 * headParameters);

    /// <summary>All operations of a pass.</summary>
    public double Of(PassCosts costs) => (PerToken * costs.Tokens) + (PerPair * costs.Pairs) + (PerEdge * costs.Edges);
}
