using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Cli.Runs;

/// <summary>The run that <c>ps</c>, <c>logs</c>, <c>status</c>, <c>stop</c> and <c>resume</c> are about: --run-dir, or the newest.</summary>
internal sealed class RunTarget
{
    private readonly RunFile _run;

    private RunTarget(string folder)
    {
        Processes = new RunProcesses(folder);
        _run = RunFile.Load(Path.Combine(folder, "run.yaml"), [], ForgeRunSchema.Create(), Environment.GetEnvironmentVariable);
    }

    public static Option<string?> Option { get; } = new("--run-dir") { Description = "The run's folder. Default: the newest below runs/.", HelpName = "folder" };

    public RunProcesses Processes { get; }

    public string Name => _run.Section<RunOptions>().Name;

    public RunFile Run => _run;

    public SecurityOptions Security => _run.Section<SecurityOptions>();

    public bool IsDistributed => _run.Section<ServicesOptions>().IsDistributed;

    /// <exception cref="UsageException">There is no run.</exception>
    public static RunTarget Of(ParseResult parsed)
    {
        var parent = Path.GetFullPath(new RunOptions().Directory);
        var folder = parsed.GetValue(Option) ?? RunDirectory.Latest(parent)
            ?? throw new UsageException($"There is no run in '{parent}'. Name one with --run-dir FOLDER.");
        return At(folder);
    }

    /// <exception cref="UsageException">The folder has no run.</exception>
    public static RunTarget At(string folder)
    {
        RunDirectory.RequireRun(folder);
        return new RunTarget(Path.GetFullPath(folder));
    }

    public ServiceAddress AddressOf(ServiceName service) => ServiceAddress.Parse(_run.Section<ServicesOptions>().AddressOf(service), Processes.Run);
}
