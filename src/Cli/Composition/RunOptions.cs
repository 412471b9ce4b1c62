using System.ComponentModel.DataAnnotations;

namespace Forge.Cli.Composition;

/// <summary>What concerns the run as a whole. Section <c>run</c>.</summary>
internal sealed class RunOptions
{
    /// <summary>Names the run's folder.</summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]*$", ErrorMessage = "a run's name has letters, digits, '.', '_' and '-'")]
    public string Name { get; init; } = "run";

    /// <summary>The folder that holds the folders of runs.</summary>
    public string Directory { get; init; } = "runs";

    /// <summary>Seeds everything that is drawn: tasks, tokens, fresh weights.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A folder, relative to the run's, for what the services of a distributed run were told and acknowledged, flushed line by line;
    /// <c>forge chaos</c> holds the ledger to it. Null: none is kept.</summary>
    public string? History { get; init; }
}
