// N rows, D model, E experts, C choices per row
using Forge.Learning.Model.Configuration;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>Sends every row through its chosen experts (<c>block_sparse_moe</c>).</summary>
public sealed class SparseMixture : nn.Module
{
    private readonly Tensor _bias_E;

    internal SparseMixture(string name, M2Config config, ModelPlacement placement, ModelKernels kernels)
        : base(name)
    {
        Router = new Router(
            "gate", config.HiddenSize, config.NumLocalExperts, config.NumExpertsPerToken, placement, kernels);
        Experts = new Experts(
            "experts", config.NumLocalExperts, config.HiddenSize, config.IntermediateSize, placement, kernels);
        _bias_E = ModelParameters.Buffer(placement.Device, placement.WideDtype, config.NumLocalExperts);
        register_module("gate", Router);
        register_module("experts", Experts);
        register_buffer("e_score_correction_bias", _bias_E);
    }

    public Router Router { get; }

    public Experts Experts { get; }

    /// <summary>
    /// Selection bias per expert, at least fp32; moved by <see cref="RouterBiasUpdate"/>, never by gradients.
    /// </summary>
    public Tensor Bias_E => _bias_E;

    /// <returns>What the block adds to the residual stream, and the routing that made it; both belong to the caller's
    /// scope.</returns>
    public (Tensor Output_ND, Routing Routing) Forward(Tensor x_ND, Tensor? forced_NC)
    {
        var routing = Router.Forward(x_ND, _bias_E, forced_NC);
        return (Experts.Forward(x_ND, routing), routing);
    }
}
