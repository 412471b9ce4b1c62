using Forge.Learning.Model;
using Forge.Learning.Model.Mixture;
using Forge.Learning.Optim;
using TorchSharp;
using static TorchSharp.torch;
using AdamW = Forge.Learning.Optim.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace Forge.Trainer.Steps;

/// <summary>Moves the policy once its gradients are complete: clip, learning rate, AdamW, router bias.</summary>
public sealed class PolicyOptimizer : IDisposable
{
    private readonly MiniMaxM2ForCausalLM _model;
    private readonly Parameter[] _parameters;
    private readonly LearningRateSchedule _schedule;
    private readonly RouterBiasUpdate _bias;
    private readonly double _clipNorm;

    public PolicyOptimizer(MiniMaxM2ForCausalLM model, TrainerOptions options)
    {
        var named = model.named_parameters().Select(entry => (entry.name, entry.parameter)).ToArray();
        (_model, _clipNorm) = (model, options.ClipNorm);
        _parameters = [.. named.Select(entry => entry.parameter)];
        _bias = new RouterBiasUpdate(options.RouterBiasRate);
        _schedule = new LearningRateSchedule(new LearningRateOptions
        {
            Peak = options.LearningRate,
            WarmupSteps = options.WarmupSteps,
            Shape = LearningRateShape.Linear,
            TotalSteps = (int)Math.Max(options.Steps, options.WarmupSteps + 1L),
            FinalFraction = options.FinalLearningRate,
        });
        Adam = new AdamW(
            named,
            new AdamWOptions
            {
                Beta1 = options.Beta1,
                Beta2 = options.Beta2,
                Epsilon = options.Epsilon,
                WeightDecay = options.WeightDecay,
            });
    }

    public AdamW Adam { get; }

    /// <summary>The learning rate that the next step will use.</summary>
    public double LearningRate => _schedule.At(Adam.StepCount);

    /// <summary>Applies the accumulated gradients and clears them.</summary>
    /// <param name="loads_E">Rows per expert of every layer since the last step, in layer order.</param>
    /// <returns>The global gradient norm before clipping.</returns>
    public double Step(IReadOnlyList<Tensor> loads_E)
    {
        using var scope = NewDisposeScope();
        var norm = GradientClip.Clip(_parameters, _clipNorm).ToDouble();
        if (double.IsFinite(norm))
        {
            Adam.Step(LearningRate);
            _bias.Apply(_model, loads_E);
        }

        Adam.ZeroGrad();
        return norm;
    }

    public void Dispose() => Adam.Dispose();
}
