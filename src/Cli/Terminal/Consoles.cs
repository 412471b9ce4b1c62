using Spectre.Console;

namespace Forge.Cli.Terminal;

/// <summary>Sets the console up once: no colours or cursor movements into files and pipes, and wide enough lines there.</summary>
internal static class Consoles
{
    private const int WidthOfFiles = 160;

    public static void Configure()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
            AnsiConsole.Console.Profile.Width = WidthOfFiles;
        }
    }
}
