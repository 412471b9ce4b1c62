using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Hosting.Faults;

namespace Forge.Cli.Verbs;

/// <summary>The options of <c>forge train</c> that replay an earlier run.</summary>
internal sealed class ReplaySwitches
{
    private readonly Option<string?> _replay = new("--replay")
    {
        Description = "Trains from the groups that an earlier run recorded, in its order, without agents. The run file defaults to that run's own.",
        HelpName = "pool.db",
    };

    private readonly Option<bool> _evaluate = new("--evaluate") { Description = "With --replay: evaluates as the run file says; otherwise a replay never does." };

    public ReplaySwitches AddTo(Command command)
    {
        command.Options.Add(_replay);
        command.Options.Add(_evaluate);
        return this;
    }

    public bool Evaluates(ParseResult parsed) => parsed.GetValue(_evaluate);

    /// <summary>The recorded pool; null without --replay.</summary>
    /// <exception cref="UsageException">There is no such pool, it is the run's own, or an option of replays is given without one.</exception>
    public string? Pool(ParseResult parsed, string? runDirectory)
    {
        if (parsed.GetValue(_replay) is not { } given)
        {
            return Evaluates(parsed)
                ? throw new UsageException("--evaluate belongs to --replay; without it, trainer.evaluate_every says when to evaluate.")
                : null;
        }

        var pool = ReplayParts.PoolPath(given);
        return runDirectory is not null && Path.GetDirectoryName(pool) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(runDirectory))
            ? throw new UsageException($"--run-dir {runDirectory} is the recorded run itself, which a replay must not change. Choose another folder.")
            : pool;
    }
}
