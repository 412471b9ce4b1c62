using Forge.Cli.Data;
using Forge.Cli.Runs;
using Forge.DataPool;
using Forge.DataPool.Stores;
using Forge.Hosting.Faults;

namespace Forge.Cli.Composition;

/// <summary>The recording that a command line means: a pool.db, or a run whose folder says where its pool is.</summary>
/// <param name="Folder">Where the recording or its run lies, absolute.</param>
/// <param name="PoolFile">Its pool.db; null when the run is in PostgreSQL.</param>
internal sealed record ReplaySource(string Folder, string? PoolFile)
{
    /// <summary>What names it on a command line.</summary>
    public string Name => PoolFile ?? Folder;

    /// <summary>The run file that it was recorded with, when it still lies beside it.</summary>
    public string? RunFile => Path.Combine(Folder, "run.yaml") is var file && File.Exists(file) ? file : null;

    /// <exception cref="UsageException">There is none.</exception>
    public static ReplaySource Of(string given)
    {
        var path = Path.GetFullPath(given);
        if (Directory.Exists(path) && File.Exists(Path.Combine(path, "run.yaml"))
            && RunTarget.At(path).Run.Section<DataPoolOptions>().Store == PoolStore.Postgres)
        {
            return new ReplaySource(Path.TrimEndingDirectorySeparator(path), PoolFile: null);
        }

        var file = Directory.Exists(path) ? Path.Combine(path, "pool.db") : path;
        return File.Exists(file)
            ? new ReplaySource(Path.GetDirectoryName(file)!, file)
            : throw new UsageException($"There is no recorded pool '{given}'. --replay takes the pool.db of a run, or the run's folder.");
    }

    public async Task<RunArchive> OpenAsync(CancellationToken cancellationToken)
        => PoolFile is null ? await RunArchive.OpenAsync(RunTarget.At(Folder), cancellationToken) : RunArchive.OpenFile(PoolFile);
}
