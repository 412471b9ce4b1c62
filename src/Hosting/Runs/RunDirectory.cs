using System.Text;
using Forge.Core.Storage;
using Forge.Hosting.Faults;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;

namespace Forge.Hosting.Runs;

/// <summary>Lays out one run's folder and keeps a second process out of it.</summary>
/// <remarks>
/// <code>
/// runs/NAME/  run.yaml        everything as it was used     metrics.jsonl  one line per step     tensorboard/  the same for TensorBoard
///             summary.json    what was learned              log.jsonl      what happened         checkpoints/  the policies
///             pool.db         episodes and consumption      run.lock       held while a process works here; run.pid names it
/// </code>
/// </remarks>
public sealed class RunDirectory : IDisposable
{
    private const string RunLock = "run.lock";

    private readonly FileStream _lock;

    private RunDirectory(string path, FileStream heldLock)
    {
        Path = path;
        _lock = heldLock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public string RunFile => In("run.yaml");

    public string Metrics => In("metrics.jsonl");

    public string Summary => In("summary.json");

    public string Log => In("log.jsonl");

    public string Pool => In("pool.db");

    public string TensorBoard => In("tensorboard");

    public string Checkpoints => In("checkpoints");

    /// <summary>
    /// Makes the folder of a new run: <paramref name="path"/> itself when it is given, else the first free of NAME, NAME-2, … below
    /// <paramref name="parent"/>.
    /// </summary>
    /// <exception cref="UsageException">The given folder holds a run already.</exception>
    public static RunDirectory Create(string? path, string parent, string name)
    {
        var chosen = path ?? FirstFree(parent, name);
        if (File.Exists(System.IO.Path.Combine(chosen, "run.yaml")))
        {
            throw new UsageException($"'{chosen}' holds a run already. Go on with it: add --resume. Start another: choose a new --run-dir, or none.");
        }

        Directory.CreateDirectory(chosen);
        var run = Lock(chosen);
        PointLatestAt(run.Path);
        return run;
    }

    /// <summary>Opens the folder of a run that was started before.</summary>
    /// <exception cref="UsageException">There is no run in it, or another process works in it.</exception>
    public static RunDirectory Open(string path)
    {
        RequireRun(path);
        return Lock(path);
    }

    /// <summary>Opens the folder for one service of a distributed run; made when missing. Services share it, two of a kind don't.</summary>
    /// <exception cref="UsageException">Another process is this service.</exception>
    public static RunDirectory OpenFor(string path, ServiceName service)
        => Lock(Directory.CreateDirectory(path).FullName, $"{ServiceNames.Of(service)}.lock");

    /// <exception cref="UsageException">There is no run in the folder.</exception>
    public static void RequireRun(string path)
    {
        if (!File.Exists(System.IO.Path.Combine(path, "run.yaml")))
        {
            throw new UsageException($"There is no run in '{System.IO.Path.GetFullPath(path)}' (no run.yaml). Check --run-dir; 'ls runs' lists the runs here.");
        }
    }

    /// <summary>The newest run below <paramref name="parent"/>, which <c>latest</c> points at; null when there is none.</summary>
    public static string? Latest(string parent)
        => new DirectoryInfo(System.IO.Path.Combine(parent, "latest")) is { Exists: true } link
            ? (link.ResolveLinkTarget(returnFinalTarget: true) ?? link).FullName
            : null;

    /// <summary>Writes a small file so that readers see the old or the new, never half of it.</summary>
    public static void Write(string path, string text) => DurableFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    public void Dispose() => _lock.Dispose();

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static string FirstFree(string parent, string name)
        => Enumerable.Range(1, int.MaxValue)
            .Select(number => System.IO.Path.Combine(parent, number == 1 ? name : $"{name}-{number}"))
            .First(candidate => !Directory.Exists(candidate));

    private static RunDirectory Lock(string path, string file = RunLock)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            // The system drops the lock with the process, however it ends.
            var held = new FileStream(System.IO.Path.Combine(full, file), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (file == RunLock)
            {
                Write(System.IO.Path.Combine(full, "run.pid"), ProcessIdentity.Own.ToString());
            }

            return new RunDirectory(full, held);
        }
        catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new UsageException($"Another process works in '{full}' ({error.Message}). Wait for it, stop it, or choose another --run-dir.", error);
        }
    }

    private static void PointLatestAt(string run)
    {
        var link = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(run)!, "latest");
        if ((File.Exists(link) || Directory.Exists(link)) && new FileInfo(link).LinkTarget is null)
        {
            return;
        }

        try
        {
            File.Delete(link);
            Directory.CreateSymbolicLink(link, System.IO.Path.GetFileName(run));
        }
        catch (IOException) when (new FileInfo(link).LinkTarget is not null)
        {
            // Another run started at the same moment and pointed it at itself: either is the newest.
        }
    }
}
