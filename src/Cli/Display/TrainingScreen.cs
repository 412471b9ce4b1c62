using System.Globalization;
using Forge.Core.Metrics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Forge.Cli.Display;

/// <summary>Composes the live screen: progress, curves, the newest evaluation, and the figures that a researcher looks at first.</summary>
internal static class TrainingScreen
{
    private const int CurveHeight = 5;

    private static readonly (string Title, (string Label, string Metric)[] Rows)[] Panels =
    [
        ("learning",
        [
            ("reward", MetricNames.RewardMean), ("success", MetricNames.Success), ("entropy", MetricNames.Entropy), ("grad norm", MetricNames.GradientNorm),
            ("clip fraction", MetricNames.ClipFraction), ("mismatch", MetricNames.MismatchMean),
        ]),
        ("window",
        [
            ("in flight", MetricNames.InFlight), ("waiting", MetricNames.QueueDepth), ("occupancy", MetricNames.WindowOccupancy),
            ("blocked s", MetricNames.WindowBlocked), ("head age s", MetricNames.HeadAge), ("staleness max", MetricNames.StalenessMax),
        ]),
        ("speed",
        [
            ("generated tok/s", MetricNames.GeneratedTokensPerSecond), ("trained tok/s", MetricNames.TrainedTokensPerSecond), ("step s", MetricNames.StepTime),
            ("waiting s", MetricNames.RolloutWaitTime), ("training s", MetricNames.TrainTime), ("prefix hits", MetricNames.PrefixHitRate),
        ]),
    ];

    public static IRenderable Of(TrainingState state, int width)
    {
        var rows = new List<IRenderable> { Heading(state), Progress(state, Math.Clamp(width - 2, 20, 100)) };
        if (state.Rewards.Count > 1)
        {
            rows.Add(Beside(Curve("reward", state.Rewards, "aqua", width), Curve("success of trained episodes", state.Successes, "green", width)));
        }

        rows.Add(Beside([.. Panels.Select(panel => Figures(panel.Title, panel.Rows, state))]));
        if (state.Evaluations.Count > 0)
        {
            rows.Add(Evaluations(state));
        }

        rows.AddRange(state.Notes.TakeLast(3).Select(note => new Markup($"[yellow]{Markup.Escape(note)}[/]")));
        return new Rows(rows);
    }

    private static Columns Beside(params IRenderable[] parts) => new(parts) { Expand = false };

    private static Markup Heading(TrainingState state) => new(state.Facts is { } facts
        ? $"[bold]{Markup.Escape(facts.Name)}[/]  {Markup.Escape($"{facts.Environment}, {facts.Policy}, {facts.Device}, seed {facts.Seed}")}  "
            + $"[grey]{Markup.Escape(facts.Directory)}[/]"
        : "[bold]forge[/]");

    private static Markup Progress(TrainingState state, int width)
    {
        var last = Math.Max(1, state.Facts?.LastStep ?? 1);
        var filled = (int)Math.Clamp(Math.Round((double)state.Step / last * width), 0, width);
        var remaining = state.Remaining is { } span ? $", about {Wording.Duration(span)} left" : "";
        return new Markup($"[aqua]{new string('━', filled)}[/][grey]{new string('━', width - filled)}[/]\n"
            + $"step {state.Step}/{state.Facts?.LastStep}, {Wording.Duration(state.Elapsed)}{remaining}  [grey]{Markup.Escape(state.Phase)}[/]");
    }

    private static Panel Curve(string title, IReadOnlyList<double> values, string colour, int width)
    {
        var low = values.DefaultIfEmpty(0).Min();
        var high = Math.Max(values.DefaultIfEmpty(1).Max(), low + 1e-6);
        var lines = BrailleChart.Draw(values, Math.Clamp((width / 2) - 14, 16, 60), CurveHeight, low, high);
        var labelled = lines.Index().Select(line => $"[{colour}]{line.Item}[/] "
            + (line.Index == 0 ? Wording.Figure(high) : line.Index == CurveHeight - 1 ? Wording.Figure(low) : ""));
        return new Panel(new Markup(string.Join('\n', labelled))).Header(title);
    }

    private static Panel Figures(string title, (string Label, string Metric)[] rows, TrainingState state)
    {
        var grid = new Grid().AddColumn().AddColumn(new GridColumn().RightAligned());
        foreach (var (label, metric) in rows)
        {
            grid.AddRow(label, state.Latest.TryGetValue(metric, out var value) ? Wording.Figure(value) : "–");
        }

        return new Panel(grid).Header(title);
    }

    private static Table Evaluations(TrainingState state)
    {
        var shown = state.Evaluations.Count == 1 ? state.Evaluations : [state.Evaluations[0], state.Evaluations[^1]];
        return EvaluationTable.Of([.. shown.Select(entry => (string.Create(CultureInfo.InvariantCulture, $"step {entry.Step}"), entry.Report))]);
    }
}
