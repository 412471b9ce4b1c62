// E experts
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>
/// Balances experts without an auxiliary loss: raises the selection bias of idle experts, lowers that of busy ones.
/// </summary>
/// <remarks>
/// b_i += rate · sign(mean(load) − load_i) (arXiv 2408.15664 §3). In RL it is frozen or slow: a moving bias moves the
/// policy.
/// </remarks>
/// <param name="rate">Step per update, in score units; 0 freezes the bias. Not negative.</param>
public sealed class RouterBiasUpdate(double rate)
{
    /// <summary>Step per update, in score units.</summary>
    public double Rate { get; } = rate >= 0
        ? rate
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "The bias update rate must not be negative; 0 freezes the bias.");

    /// <summary>Moves one layer's bias in place.</summary>
    /// <param name="bias_E">The layer's selection bias.</param>
    /// <param name="load_E">Rows that each expert got since the last update, in any unit.</param>
    public void Apply(Tensor bias_E, Tensor load_E)
    {
        if (Rate == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var load = load_E.to_type(bias_E.dtype);
        bias_E.add_(load.mean().sub(load).sign().mul(Rate));
    }

    /// <summary>Moves every layer's bias in place.</summary>
    /// <param name="model">The model whose biases move.</param>
    /// <param name="loads_E">One load per layer, in layer order.</param>
    public void Apply(MiniMaxM2ForCausalLM model, IReadOnlyList<Tensor> loads_E)
    {
        if (loads_E.Count != model.Layers.Count)
        {
            throw new ArgumentException($"Got {loads_E.Count} loads for {model.Layers.Count} layers.", nameof(loads_E));
        }

        for (var layer = 0; layer < loads_E.Count; layer++)
        {
            Apply(model.Layers[layer].Mixture.Bias_E, loads_E[layer]);
        }
    }
}
