using Forge.Core.Ring;
using Spectre.Console;

namespace Forge.Cli.Display;

/// <summary>Redraws one screen in place four times a second while a run goes on, and leaves the report behind at the end.</summary>
/// <remarks>
/// <code>
///   trainer, evaluator ──calls──▶ TrainingState ◀──reads── drawing loop ──▶ terminal
/// </code>
/// The lock guards the state; only the drawing loop touches the terminal until it has ended.
/// </remarks>
internal sealed class LiveTrainingDisplay : ITrainingDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly IAnsiConsole _console;
    private readonly TrainingState _state;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _drawing;

    public LiveTrainingDisplay(IAnsiConsole console, TimeProvider time)
    {
        _console = console;
        _state = new TrainingState(time);
        _drawing = Task.Run(() => DrawAsync(time));
    }

    public void Begin(TrainingFacts facts) => Change(() => _state.Begin(facts));

    public void Enter(string phase) => Change(() => _state.Enter(phase));

    public void Write(long step, IReadOnlyDictionary<string, double> values) => Change(() => _state.Write(step, values));

    public void Evaluated(long step, EvaluationReport report) => Change(() => _state.Evaluated(step, report));

    public void Note(string text) => Change(() => _state.Note(text));

    public void End(TrainingSummary summary)
    {
        StopDrawing();
        var lines = TrainingReport.Lines(summary).ToList();
        _console.MarkupLine($"[bold green]{Markup.Escape(lines[0])}[/]");
        if (summary.After is { } after)
        {
            _console.Write(summary.Before is { } before && !ReferenceEquals(before, after)
                ? EvaluationTable.Of(("before", before), ("after", after))
                : EvaluationTable.Of(("so far", after)));
        }

        foreach (var line in lines.Skip(1).Where(line => !line.StartsWith(' ') && !line.StartsWith("Held-out", StringComparison.Ordinal)))
        {
            _console.WriteLine(line);
        }
    }

    public void Dispose()
    {
        StopDrawing();
        _ended.Dispose();
    }

    private void StopDrawing()
    {
        _ended.Cancel();
        _drawing.GetAwaiter().GetResult();
    }

    private Task DrawAsync(TimeProvider time)
        => _console.Live(new Text("starting")).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (!_ended.IsCancellationRequested)
            {
                lock (_lock)
                {
                    live.UpdateTarget(TrainingScreen.Of(_state, _console.Profile.Width));
                }

                live.Refresh();
                await Task.Delay(Interval, time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            lock (_lock)
            {
                live.UpdateTarget(TrainingScreen.Of(_state, _console.Profile.Width));
            }
        });

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }
}
