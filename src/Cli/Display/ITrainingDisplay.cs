using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Shows a training run to whoever watches it. Calls may come from several threads.</summary>
internal interface ITrainingDisplay : IMetricsSink, IDisposable
{
    void Begin(TrainingFacts facts);

    /// <summary>Says what takes a while now, such as <c>evaluating the starting policy</c>.</summary>
    void Enter(string phase);

    void Evaluated(long step, EvaluationReport report);

    /// <summary>Says something that the user should know and that stays visible.</summary>
    void Note(string text);

    void End(TrainingSummary summary);
}
