using System.Globalization;
using System.Text.Json.Nodes;
using Forge.Cli.Terminal;
using Forge.Trainer.Supervised;
using Spectre.Console;

namespace Forge.Cli.Display;

/// <summary>Shows supervised training: a bar on a terminal, a line now and then in a log, JSON lines for machines.</summary>
internal sealed class SupervisedDisplay(OutputMode mode, IAnsiConsole console, TextWriter output, long steps, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);

    private readonly long _started = time.GetTimestamp();
    private long _shown;
    private bool _barIsDrawn;

    public void Enter(string phase)
    {
        EndBar();
        Say(new JsonObject { ["event"] = "phase", ["phase"] = phase }, phase);
    }

    public void Stepped(long step, double loss)
    {
        if (mode == OutputMode.Json)
        {
            output.WriteLine(new JsonObject { ["event"] = "step", ["step"] = step, ["loss"] = double.IsFinite(loss) ? loss : null }.ToJsonString());
            return;
        }

        if (_shown != 0 && time.GetElapsedTime(_shown) < (mode == OutputMode.Live ? Redraw : Pause) && step < steps)
        {
            return;
        }

        _shown = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_started);
        var text = string.Create(CultureInfo.InvariantCulture,
            $"step {step}/{steps}  loss {loss:0.0000}  {Wording.Duration(elapsed)}, about {Wording.Duration(elapsed / step * (steps - step))} left");
        if (mode == OutputMode.Plain)
        {
            output.WriteLine(text);
            output.Flush();
            return;
        }

        const int width = 40;
        var filled = (int)(width * step / Math.Max(1, steps));
        console.Markup($"\r[aqua]{new string('━', filled)}[/][grey]{new string('━', width - filled)}[/] {Markup.Escape(text)}   ");
        _barIsDrawn = true;
    }

    public void End(SftOutcome outcome, string checkpoint)
    {
        EndBar();
        var text = string.Create(CultureInfo.InvariantCulture,
            $"Made {checkpoint}: {outcome.Steps} steps, {outcome.TokenRows:#,0} token rows, {outcome.TrainedTokens:#,0} trained tokens, "
            + $"loss {outcome.Loss:0.0000}, {Wording.Duration(outcome.Elapsed)}.")
            + $"\nIts card is {Path.Combine(checkpoint, "README.md")}. Measure it: ./forge eval --checkpoint {checkpoint} --samples 8";
        Say(new JsonObject
        {
            ["event"] = "end",
            ["checkpoint"] = checkpoint,
            ["steps"] = outcome.Steps,
            ["token_rows"] = outcome.TokenRows,
            ["trained_tokens"] = outcome.TrainedTokens,
            ["loss"] = outcome.Loss,
            ["elapsed_seconds"] = Math.Round(outcome.Elapsed.TotalSeconds, 1),
        }, text);
    }

    public void Dispose() => EndBar();

    private void Say(JsonObject json, string text)
    {
        output.WriteLine(mode == OutputMode.Json ? json.ToJsonString() : text);
        output.Flush();
    }

    private void EndBar()
    {
        if (_barIsDrawn)
        {
            console.WriteLine();
            _barIsDrawn = false;
        }
    }
}
