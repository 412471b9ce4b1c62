using Forge.Cli.Display;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Cli.Composition;

/// <summary>Tells the display and the summary what each evaluation finds.</summary>
internal sealed class ObservedEvaluator(IPolicyEvaluator inner, ITrainingDisplay display, Action<EvaluationReport> found) : IPolicyEvaluator
{
    public async Task<EvaluationReport> EvaluateAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        display.Enter(version == PolicyVersion.Initial ? "evaluating the starting policy" : $"evaluating the policy of step {version}");
        var report = await inner.EvaluateAsync(version, cancellationToken);
        display.Evaluated(version.Value, report);
        found(report);
        display.Enter("training");
        return report;
    }
}
