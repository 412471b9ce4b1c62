using Forge.Core.Metrics;
using Forge.Core.Packing;
using Forge.Core.Packing.Costs;
using Forge.Learning.Model.Configuration;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Steps;

/// <summary>Reports what merging saved in one step, against both ways of not merging.</summary>
internal sealed class TreeMetrics(M2Config config)
{
    private PassCosts _merged;
    private PassCosts _perCompletion;
    private PassCosts _perEpisode;
    private long _passes;
    private long _cuts;

    /// <summary>Token rows computed so far.</summary>
    public long Rows => _merged.Tokens;

    public void Add(SampleGroup group, IReadOnlyList<PackedBatch> batches)
    {
        var figures = TreeFigures.Of(group.Samples, batches);
        (_merged, _perCompletion, _perEpisode) = (_merged + figures.Merged, _perCompletion + figures.PerCompletion, _perEpisode + figures.PerEpisode);
        _passes += batches.Count;
        _cuts += batches.Sum(batch => batch.Cuts.Length - 2L);
    }

    public void Write(IDictionary<string, double> metrics)
    {
        var perCompletion = new CostComparison(_merged, _perCompletion);
        metrics[MetricNames.TreeTokensVersusCompletion] = perCompletion.TokenRatio;
        metrics[MetricNames.TreeTokensVersusEpisode] = new CostComparison(_merged, _perEpisode).TokenRatio;
        metrics[MetricNames.TreeFlopsSaved] = perCompletion.FlopsSaved(M2FlopRates.Of(config));
        metrics[MetricNames.TreePasses] = _passes;
        metrics[MetricNames.TreeCuts] = _cuts;
    }
}
