using Forge.Core.Packing.Costs;

namespace Forge.Learning.Model.Configuration;

/// <summary>Says what training a model of some shape costs per row, per pair that sees each other and per scored edge.</summary>
public static class M2FlopRates
{
    public static FlopRates Of(M2Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var head = (double)config.HiddenSize * config.VocabSize;
        var expert = 3.0 * config.HiddenSize * config.IntermediateSize;
        var idle = (double)config.NumHiddenLayers * (config.NumLocalExperts - config.NumExpertsPerToken) * expert;
        return FlopRates.Training(config.ParameterCount - (2 * head) - idle, config.QueryWidth, config.NumHiddenLayers, head);
    }
}
