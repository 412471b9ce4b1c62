using System.CommandLine;
using Forge.Cli.Data;
using Forge.Cli.Environments;
using Forge.Cli.Runs;
using Forge.Cli.Terminal;
using Forge.Cli.Verbs;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Cli;

/// <summary>Parses the command line, runs the verb, and turns whatever goes wrong into a message and an exit code.</summary>
internal static class ForgeCommandLine
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        Consoles.Configure();
        var root = Create();
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(ParseErrors.Describe(parsed));
            return (int)ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception error)
        {
            await Console.Error.WriteLineAsync(Describe(error));
            return (int)StatusTable.ExitCodeFor(error);
        }
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("Forge trains language-model agents by reinforcement learning. Start with: forge train");
        root.Subcommands.Add(TrainVerb.Create());
        root.Subcommands.Add(UpVerb.Create());
        root.Subcommands.Add(PsVerb.Create());
        root.Subcommands.Add(StatusVerb.Create());
        root.Subcommands.Add(LogsVerb.Create());
        root.Subcommands.Add(StopVerb.Create());
        root.Subcommands.Add(ResumeVerb.Create());
        root.Subcommands.Add(ChaosVerb.Create());
        root.Subcommands.Add(SftVerb.Create());
        root.Subcommands.Add(ServeVerb.Create());
        root.Subcommands.Add(EvalVerb.Create());
        root.Subcommands.Add(ChatVerb.Create());
        root.Subcommands.Add(DataVerb.Create());
        root.Subcommands.Add(EnvVerb.Create());
        root.Subcommands.Add(BenchVerb.Create());
        root.Subcommands.Add(DoctorVerb.Create());
        root.Subcommands.Add(TestVerb.Create());
        return root;
    }

    private static string Describe(Exception error) => error switch
    {
        RunFileException { Violations.Length: > 1 } many => $"forge: {many.Violations.Length} things are wrong with the run file:\n{many.Message}",
        OperationCanceledException => "forge: interrupted",
        _ when StatusTable.SpeaksForItself(error) => $"forge: {error.Message}",
        _ => $"forge: this should not happen; please report it with the lines below.\n{error}",
    };
}
