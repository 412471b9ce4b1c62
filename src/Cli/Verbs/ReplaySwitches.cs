using System.CommandLine;
using Forge.Cli.Composition;
using Forge.Hosting.Faults;

namespace Forge.Cli.Verbs;

/// <summary>The options of <c>forge train</c> that replay an earlier run.</summary>
internal sealed class ReplaySwitches
{
    private readonly Option<string?> _replay = new("--replay")
    {
        Description = "Trains from the groups that an earlier run recorded (its folder, or its pool.db), in its order, without agents. "
            + "The run file defaults to that run's own.",
        HelpName = "run",
    };

    private readonly Option<bool> _evaluate = new("--evaluate") { Description = "With --replay: evaluates as the run file says; otherwise a replay never does." };

    private readonly Option<string?> _rewards = new("--rewards")
    {
        Description = "With --replay: rewards of a version that 'forge data rescore' made, in place of the recorded ones (v1).",
        HelpName = "vN",
    };

    private readonly Option<long?> _from = new("--from-step")
    {
        Description = "With --replay: begins with this recorded step, for instance after those that were pruned.",
        HelpName = "step",
    };

    public ReplaySwitches AddTo(Command command)
    {
        command.Options.Add(_replay);
        command.Options.Add(_rewards);
        command.Options.Add(_from);
        command.Options.Add(_evaluate);
        return this;
    }

    /// <summary>What is to be replayed; null without --replay.</summary>
    /// <exception cref="UsageException">There is no such recording, it is the run's own, or an option of replays is given without one.</exception>
    public ReplayRequest? Request(ParseResult parsed, string? runDirectory)
    {
        if (parsed.GetValue(_replay) is not { } given)
        {
            RefuseAlone(parsed);
            return null;
        }

        var source = ReplaySource.Of(given);
        return runDirectory is not null && source.Folder == Path.TrimEndingDirectorySeparator(Path.GetFullPath(runDirectory))
            ? throw new UsageException($"--run-dir {runDirectory} is the recorded run itself, which a replay must not change. Choose another folder.")
            : new ReplayRequest(source, parsed.GetValue(_evaluate), parsed.GetValue(_rewards), parsed.GetValue(_from));
    }

    private void RefuseAlone(ParseResult parsed)
    {
        if (parsed.GetValue(_evaluate))
        {
            throw new UsageException("--evaluate belongs to --replay; without it, trainer.evaluate_every says when to evaluate.");
        }

        if (parsed.GetValue(_rewards) is { } rewards)
        {
            throw new UsageException($"--rewards {rewards} belongs to --replay: rewards of what is still to be sampled are not known.");
        }

        if (parsed.GetValue(_from) is { } step)
        {
            throw new UsageException($"--from-step {step} belongs to --replay; --resume goes on with a run where it stands.");
        }
    }
}
