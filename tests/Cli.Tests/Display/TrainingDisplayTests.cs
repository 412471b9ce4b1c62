using System.Text.Json;
using Forge.Cli.Display;
using Spectre.Console;

namespace Forge.Cli.Tests.Display;

public sealed class TrainingDisplayTests : IDisposable
{
    private readonly StringWriter _output = new();

    [Fact]
    public void Plain_writes_one_line_per_event_and_the_report_at_the_end()
    {
        using (var display = new PlainTrainingDisplay(_output, TimeProvider.System))
        {
            Play(display);
        }

        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.StartsWith("step 1/100  reward 0.5  success 0.25", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("eval at step 0: 0.400 [", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  all      0.400", StringComparison.Ordinal) && line.EndsWith("+0.500", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("./forge chat --checkpoint", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Go on:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stopped_run_says_how_to_go_on()
        => Assert.Contains("Go on: ./forge train --resume --run-dir runs/quickstart", TrainingReport.Lines(Samples.Summary(finished: false)));

    [Fact]
    public void Json_writes_objects_only()
    {
        using (var display = new JsonTrainingDisplay(_output))
        {
            Play(display);
        }

        var events = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["begin", "phase", "eval", "step", "note", "end"], events.Select(json => json.GetProperty("event").GetString()));
        Assert.Equal(0.5, events[3].GetProperty("metrics").GetProperty("reward/mean").GetDouble());
        Assert.Equal(JsonValueKind.Null, events[3].GetProperty("metrics").GetProperty("optim/grad_norm").ValueKind);
    }

    [Fact]
    public void Live_screen_shows_progress_curves_evaluations_and_notes()
    {
        var state = new TrainingState(TimeProvider.System);
        state.Begin(Samples.Facts);
        state.Evaluated(0, Samples.Report(0, 16));
        for (var step = 1; step <= 40; step++)
        {
            state.Write(step, Samples.Step(step / 40.0));
        }

        state.Note("look [here]");

        var text = Render(TrainingScreen.Of(state, 120));

        Assert.Contains("step 40/100", text, StringComparison.Ordinal);
        Assert.Contains("left", text, StringComparison.Ordinal);
        Assert.Contains("0.400 [", text, StringComparison.Ordinal);
        Assert.Contains("look [here]", text, StringComparison.Ordinal);
        Assert.Contains(text, character => character is > '\u2800' and <= '\u28FF');
    }

    [Fact]
    public void Live_display_ends_with_the_report()
    {
        using (var display = new LiveTrainingDisplay(Console(), TimeProvider.System))
        {
            Play(display);
        }

        Assert.Contains("Finished quickstart: 100 steps", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("+0.500", _output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _output.Dispose();

    private static void Play(ITrainingDisplay display)
    {
        display.Begin(Samples.Facts);
        display.Enter("evaluating the starting policy");
        display.Evaluated(0, Samples.Report(0, 16));
        display.Write(1, Samples.Step(0.5));
        display.Note("a note");
        display.End(Samples.Summary());
    }

    private IAnsiConsole Console()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 140;
        return console;
    }

    private string Render(Spectre.Console.Rendering.IRenderable screen)
    {
        Console().Write(screen);
        return _output.ToString();
    }
}
