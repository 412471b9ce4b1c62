using System.Globalization;
using Forge.Core.Faults;
using Forge.Sandbox.Running;

namespace Forge.Sandbox.Namespaces;

/// <summary>One episode's sandbox. Every run has namespaces of its own, which end with it; only the folder goes from one to the next.</summary>
internal sealed class NamespaceSandbox(SandboxSetup setup, SandboxOptions options, long user) : ISandbox
{
    private const string VerifierFolderInside = "/verifier";

    // forge-sandbox keeps the time; this is for one that hangs itself.
    private static readonly TimeSpan Spare = TimeSpan.FromSeconds(30);

    private readonly string _control = Directory.CreateTempSubdirectory("forge-sandbox-").FullName;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private bool _verified;

    public string WorkFolder { get; } = setup.FolderInside ?? "/work";

    public Uri? Gateway { get; } = setup.Gateway is null ? null : new UriBuilder("http", "127.0.0.1", options.GatewayPort).Uri;

    public FolderFiles Files { get; } = new(setup.Folder);

    public Task<SandboxResult> RunAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (_verified)
        {
            throw new InvalidOperationException("The verifier has run: the episode's agent cannot run any more.");
        }

        return FinishAsync(command, Forwards(), ProgramEnvironment.Of(command, WorkFolder), cancellationToken);
    }

    public async Task<SandboxResult> VerifyAsync(
        SandboxCommand command, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(files);
        _verified = true;
        using var folder = new VerifierFolder(files);
        var environment = ProgramEnvironment.Of(command, WorkFolder);
        environment["FORGE_VERIFIER"] = VerifierFolderInside;
        return await FinishAsync(command, ["--read-only", $"{folder.Path}={VerifierFolderInside}"], environment, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _oneAtATime.Dispose();
        Directory.Delete(_control, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<SandboxResult> FinishAsync(
        SandboxCommand command, string[] extra, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var report = Path.Combine(_control, "report.json");
            File.Delete(report);
            var timeout = command.Timeout ?? options.Timeout;
            using var program = SandboxProgram.Start([.. Arguments(report, timeout), .. extra, "--", .. command.Words], environment, options);
            await program.FinishAsync(command, timeout + Spare, cancellationToken);
            return ResultOf(program, HelperReport.Parse(File.Exists(report) ? await File.ReadAllTextAsync(report, cancellationToken) : ""));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private string[] Forwards()
    {
        var ports = setup.LoopbackPorts.Select(port => string.Create(CultureInfo.InvariantCulture, $"{port}=127.0.0.1:{port}"));
        string[] gateway = setup.Gateway is null ? [] : [string.Create(CultureInfo.InvariantCulture, $"{options.GatewayPort}={setup.Gateway}")];
        return [.. gateway.Concat(ports).SelectMany(forward => new[] { "--forward", forward })];
    }

    private List<string> Arguments(string report, TimeSpan timeout)
    {
        List<string> arguments = ["--folder", setup.Folder, "--at", WorkFolder, "--report", report];
        void Add(string name, long value) => arguments.AddRange([name, value.ToString(CultureInfo.InvariantCulture)]);
        Add("--wall-ms", Math.Clamp((long)timeout.TotalMilliseconds, 1, int.MaxValue));
        Add("--memory", options.MemoryBytes);
        Add("--tmp", options.TmpBytes);
        Add("--file", options.FileBytes);
        Add("--processes", options.Processes);
        Add("--open-files", options.OpenFiles);
        Add("--cpu-seconds", options.CpuSeconds);
        Add("--cgroups", options.ControlGroups ? 1 : 0);
        Add("--uid", user);
        foreach (var path in options.ReadOnly)
        {
            arguments.AddRange(["--read-only", path]);
        }

        return arguments;
    }

    private static SandboxResult ResultOf(StartedProgram program, HelperReport report)
    {
        var (end, limit) = report.End switch
        {
            "timed_out" => (SandboxEnd.TimedOut, SandboxLimit.None),
            _ when program.Stopped => (SandboxEnd.Stopped, SandboxLimit.None),
            _ when program.Overflowed => (SandboxEnd.LimitReached, SandboxLimit.Output),
            "exited" or "signalled" when report.Limit != SandboxLimit.None => (SandboxEnd.LimitReached, report.Limit),
            "exited" => (SandboxEnd.Exited, SandboxLimit.None),
            "signalled" => (SandboxEnd.Signalled, SandboxLimit.None),
            "lost" when report.MemoryKills > 0 => (SandboxEnd.LimitReached, SandboxLimit.Memory),
            _ => throw new InfrastructureFaultException($"The sandbox ended from outside ('{report.End}') while its program ran."),
        };
        return new SandboxResult
        {
            End = end,
            Limit = limit,
            ExitCode = program.ExitCode,
            Output = program.Output,
            Error = program.Error,
            Duration = program.Duration,
            RefusedProcesses = report.RefusedProcesses,
            MemoryKills = report.MemoryKills,
            MemoryPeak = report.MemoryPeak,
        };
    }
}
