using Forge.Core.Metrics;
using Forge.Core.Ring;

namespace Forge.Trainer.Steps;

/// <summary>Gathers a step's figures token by token: ratios, clipping, entropy, and how far rollout and trainer disagree.</summary>
internal sealed class TokenFigures(PolicyVersion current)
{
    // The same bound as the loss's: beyond it a ratio says nothing.
    private const double LogRatioLimit = 20;

    private readonly RunningStatistics _ratio = new();
    private readonly RunningStatistics _entropy = new();
    private readonly RunningStatistics _difference = new();
    private readonly RunningStatistics _k3 = new();
    private double _loss;
    private long _clipped;

    /// <summary>Adds one micro-batch.</summary>
    /// <param name="micro">What the rollout recorded.</param>
    /// <param name="logProbs">[P] What the trainer computes now.</param>
    /// <param name="entropies">[P] In nats.</param>
    /// <param name="clipped">Tokens whose importance weight the loss clipped.</param>
    /// <param name="loss">The micro-batch's share of the loss.</param>
    public void Add(MicroBatch micro, ReadOnlySpan<double> logProbs, ReadOnlySpan<double> entropies, long clipped, double loss)
    {
        _loss += loss;
        _clipped += clipped;
        for (var place = 0; place < logProbs.Length; place++)
        {
            var ratio = Math.Exp(Math.Clamp(logProbs[place] - micro.Behavior[place], -LogRatioLimit, LogRatioLimit));
            _ratio.Add(ratio);
            _entropy.Add(entropies[place]);
            var difference = logProbs[place] - micro.Policy[place];
            _k3.Add(Math.Exp(Math.Clamp(difference, -LogRatioLimit, LogRatioLimit)) - 1 - difference);

            // Only where both sides have the same weights is a difference the arithmetic's.
            if (micro.IsSingleVersion[place] && micro.Version[place] == current.Value)
            {
                _difference.Add(Math.Abs(difference));
            }
        }
    }

    public void Write(IDictionary<string, double> metrics)
    {
        metrics[MetricNames.PolicyLoss] = _loss;
        metrics[MetricNames.Entropy] = _entropy.Mean;
        metrics[MetricNames.RatioMean] = _ratio.Mean;
        metrics[MetricNames.RatioMax] = _ratio.Count == 0 ? 0 : _ratio.Max;
        metrics[MetricNames.ClipFraction] = (double)_clipped / Math.Max(1, _ratio.Count);
        metrics[MetricNames.MismatchK3] = _k3.Mean;
        if (_difference.Count > 0)
        {
            metrics[MetricNames.MismatchMean] = _difference.Mean;
            metrics[MetricNames.MismatchMax] = _difference.Max;
        }
    }
}
