using System.Globalization;
using System.Text;
using Forge.Core.Metrics;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Writes one line per event, for log files and pipes.</summary>
internal sealed class PlainTrainingDisplay(TextWriter output, TimeProvider time) : ITrainingDisplay
{
    private static readonly (string Name, string Label)[] Shown =
    [
        (MetricNames.RewardMean, "reward"), (MetricNames.Success, "success"), (MetricNames.Entropy, "entropy"),
        (MetricNames.ClipFraction, "clip"), (MetricNames.MismatchMean, "mismatch"), (MetricNames.StalenessMax, "stale"),
        (MetricNames.GradientNorm, "grad"), (MetricNames.GeneratedTokensPerSecond, "gen tok/s"), (MetricNames.TrainedTokensPerSecond, "train tok/s"),
    ];

    private readonly TrainingState _state = new(time);
    private readonly Lock _lock = new();

    public void Begin(TrainingFacts facts)
    {
        lock (_lock)
        {
            _state.Begin(facts);
            output.WriteLine($"run {facts.Name}: {facts.Environment}, {facts.Policy}, {facts.Device}, seed {facts.Seed}, "
                + (facts.FirstStep > 0 ? $"steps {facts.FirstStep + 1} to {facts.LastStep}" : $"{facts.LastStep} steps") + $", in {facts.Directory}");
            output.Flush();
        }
    }

    public void Enter(string phase) => Line(phase);

    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        lock (_lock)
        {
            _state.Write(step, values);
            if (!values.ContainsKey(MetricNames.RewardMean))
            {
                return;
            }

            var line = new StringBuilder().Append(CultureInfo.InvariantCulture, $"step {step}/{_state.Facts?.LastStep}");
            foreach (var (name, label) in Shown)
            {
                if (values.TryGetValue(name, out var value))
                {
                    line.Append(CultureInfo.InvariantCulture, $"  {label} {Wording.Figure(value)}");
                }
            }

            line.Append(_state.Remaining is { } remaining ? $"  left {Wording.Duration(remaining)}" : "");
            output.WriteLine(line);
            output.Flush();
        }
    }

    public void Evaluated(long step, EvaluationReport report)
        => Line($"eval at step {step}: {Wording.Success(report.Overall)}; by level "
            + string.Join(", ", report.ByDifficulty.Select(level => string.Create(CultureInfo.InvariantCulture, $"{level.Key}: {level.Value.Success:0.000}"))));

    public void Note(string text) => Line(text);

    public void End(TrainingSummary summary)
    {
        foreach (var line in TrainingReport.Lines(summary))
        {
            Line(line);
        }
    }

    public void Dispose() => output.Flush();

    private void Line(string text)
    {
        lock (_lock)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }
}
