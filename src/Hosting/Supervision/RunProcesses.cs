using System.Text.Json;
using Forge.Core.Storage;
using Forge.Hosting.Faults;

namespace Forge.Hosting.Supervision;

/// <summary>Lays out what a run folder says about its processes.</summary>
/// <remarks>
/// <code>
/// RUN/processes/  NAME.pid          "id start" of a process   supervisor.pid   the same of the supervisor
///                 NAME.finished     its work is done; deleted by its next start
///                 status.json       what the supervisor sees  supervisor.lock  held while one supervises
/// RUN/logs/       NAME.jsonl        what a service logged     NAME.out         what it wrote to its console
/// RUN/run.pid     "id start" of the process that trains alone
/// </code>
/// </remarks>
public sealed class RunProcesses
{
    public const string Supervisor = "supervisor";

    private readonly string _processes;
    private readonly string _logs;

    public RunProcesses(string runDirectory)
    {
        Run = Path.GetFullPath(runDirectory);
        _processes = Path.Combine(Run, "processes");
        _logs = Path.Combine(Run, "logs");
    }

    /// <summary>The run's folder, absolute.</summary>
    public string Run { get; }

    /// <summary>True when the run's services run apart, or did.</summary>
    public bool IsDistributed => Directory.Exists(_processes);

    public string StatusFile => Path.Combine(_processes, "status.json");

    /// <summary>The living supervisor; null when there is none.</summary>
    public ProcessIdentity? Supervising => ProcessIdentity.FromFile(PidFile(Supervisor));

    /// <summary>The living process that does the whole run alone; null when there is none.</summary>
    public ProcessIdentity? Training => ProcessIdentity.FromFile(Path.Combine(Run, "run.pid"));

    public string PidFile(string name) => Path.Combine(_processes, name + ".pid");

    /// <summary>Exists when the process said that its work is done.</summary>
    public string FinishedFile(string name) => Path.Combine(_processes, name + ".finished");

    public string OutputFile(string name) => Path.Combine(_logs, name + ".out");

    public string LogFile(string name) => Path.Combine(_logs, name + ".jsonl");

    /// <summary>Makes the folders.</summary>
    public void Create()
    {
        Directory.CreateDirectory(_processes);
        Directory.CreateDirectory(_logs);
    }

    /// <summary>Keeps a second supervisor out until it is disposed, or its process ends however it does.</summary>
    /// <exception cref="UsageException">Another one supervises this run.</exception>
    public IDisposable Lock()
    {
        Create();
        try
        {
            var held = new FileStream(Path.Combine(_processes, "supervisor.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            DurableFile.Write(PidFile(Supervisor), stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(ProcessIdentity.Own.ToString())));
            return held;
        }
        catch (IOException error) when (error is not DirectoryNotFoundException)
        {
            throw new UsageException($"'{Run}' is supervised already (process {Supervising?.Id}). 'forge status --run-dir {Run}' shows it, 'forge stop' ends it.", error);
        }
    }

    /// <summary>Says for a process, which then ends, that its work is done: only this keeps a supervisor from starting it again.</summary>
    public void MarkFinished(string name)
    {
        Directory.CreateDirectory(_processes);
        DurableFile.Write(FinishedFile(name), stream => stream.Write("finished\n"u8));
    }

    /// <summary>What the supervisor last wrote; null when it never did.</summary>
    public SupervisorStatus? ReadStatus()
    {
        try
        {
            return JsonSerializer.Deserialize<SupervisorStatus>(File.ReadAllBytes(StatusFile), Health.ServiceStatus.Json);
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    public void Write(SupervisorStatus status)
        => DurableFile.Write(StatusFile, stream => JsonSerializer.Serialize(stream, status, Health.ServiceStatus.Json));
}
