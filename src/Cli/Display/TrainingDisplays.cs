using Forge.Cli.Terminal;
using Spectre.Console;

namespace Forge.Cli.Display;

/// <summary>Chooses how a run is shown.</summary>
internal static class TrainingDisplays
{
    public static ITrainingDisplay For(OutputMode mode, TimeProvider time) => mode switch
    {
        OutputMode.Live => new LiveTrainingDisplay(AnsiConsole.Console, time),
        OutputMode.Json => new JsonTrainingDisplay(Console.Out),
        _ => new PlainTrainingDisplay(Console.Out, time),
    };
}
