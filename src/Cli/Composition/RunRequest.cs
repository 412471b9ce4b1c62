using System.CommandLine;
using System.Globalization;
using Forge.AgentSide;
using Forge.Cli.Terminal;
using Forge.DataPool;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Cli.Composition;

/// <summary>Reads the run file that a command line means.</summary>
internal static class RunRequest
{
    /// <param name="parsed">The command line.</param>
    /// <param name="switches">Its shared options.</param>
    /// <param name="defaultFile">Used when no --run is given.</param>
    /// <param name="shorthands">Keys that the verb's own options set; a null value sets nothing.</param>
    public static RunFile Load(ParseResult parsed, RunSwitches switches, string defaultFile, params (string Key, object? Value)[] shorthands)
        => LoadFile(parsed, switches, parsed.GetValue(switches.Run)?.ToString() ?? RepositoryPaths.Find(defaultFile), shorthands);

    /// <summary>Reads a given file, with the command line's overrides.</summary>
    public static RunFile LoadFile(ParseResult parsed, RunSwitches switches, string file, params (string Key, object? Value)[] shorthands)
        => RunFile.Load(file, switches.Overrides(parsed, shorthands), ForgeRunSchema.Create(), Environment.GetEnvironmentVariable);

    /// <summary>Prints the resolved file and says so, when that is all that was asked.</summary>
    public static bool WasDryRun(ParseResult parsed, RunSwitches switches, RunFile run)
    {
        if (!parsed.GetValue(switches.DryRun))
        {
            return false;
        }

        Console.Write(run.Resolved);
        Console.Write(Derived(run));
        return true;
    }

    // As comments, so that the output stays a run file.
    private static string Derived(RunFile run)
    {
        var (pool, agents) = (run.Section<DataPoolOptions>(), run.Section<AgentSideOptions>());
        return string.Create(CultureInfo.InvariantCulture, $"""

            # Derived: window W = {pool.ResolvedWindow} of M = {pool.InFlight} groups; a step trains on B = {pool.GroupsPerBatch} groups
            # of {agents.EpisodesPerGroup} = {pool.GroupsPerBatch * agents.EpisodesPerGroup} episodes, at most S = {pool.MaxStaleness} versions old.

            """);
    }

    /// <summary>Where runs lie: below the folder in which the user stands.</summary>
    public static string Parent(RunFile run) => Path.GetFullPath(run.Section<RunOptions>().Directory);

    /// <exception cref="UsageException">There is nothing to resume.</exception>
    public static string FolderToResume(string? runDirectory, string parent)
        => runDirectory ?? Hosting.Runs.RunDirectory.Latest(parent)
            ?? throw new UsageException($"There is no run to resume in '{parent}'. Name one: --resume --run-dir FOLDER.");
}
