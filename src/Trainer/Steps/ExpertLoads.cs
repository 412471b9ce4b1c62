using Forge.Core.Metrics;
using Forge.Learning.Model.Tracing;
using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>Sums expert loads over the micro-batches of a step; its tensors belong to the scope it was made in.</summary>
internal sealed class ExpertLoads
{
    private readonly Tensor?[] _loads;

    public ExpertLoads(int layers) => _loads = new Tensor?[layers];

    /// <summary>One load per layer, float64.</summary>
    public IReadOnlyList<Tensor> Tensors => [.. _loads.OfType<Tensor>()];

    public void Add(ForwardTrace trace)
    {
        for (var layer = 0; layer < _loads.Length; layer++)
        {
            var load_E = trace.Layers[layer].Load_E!;
            if (_loads[layer] is { } sum)
            {
                sum.add_(load_E);
            }
            else
            {
                _loads[layer] = load_E.clone().MoveToOuterDisposeScope();
            }
        }
    }

    public void Write(IDictionary<string, double> metrics)
    {
        var worst = 0.0;
        var variation = 0.0;
        var dead = 0;
        foreach (var load_E in Tensors)
        {
            using var onHost = load_E.cpu();
            var loads = onHost.data<double>().ToArray();
            var mean = loads.Average();
            worst = Math.Max(worst, (loads.Max() - mean) / mean);
            variation += Math.Sqrt(loads.Average(load => (load - mean) * (load - mean))) / mean / _loads.Length;
            dead += loads.Count(load => load == 0);
        }

        metrics[MetricNames.ExpertMaxViolation] = worst;
        metrics[MetricNames.ExpertLoadVariation] = variation;
        metrics[MetricNames.DeadExperts] = dead;
    }
}
