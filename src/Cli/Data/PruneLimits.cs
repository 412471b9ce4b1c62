using System.CommandLine;
using System.Globalization;
using Forge.Cli.Composition;
using Forge.DataPool.Pruning;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Cli.Data;

/// <summary>How far a prune may go: what was asked for, and never beyond what a checkpoint could need again.</summary>
internal sealed class PruneLimits
{
    private const long DefaultKept = 100;

    private readonly Option<long?> _keep = new("--keep-steps")
    {
        Description = $"Newest steps to keep whole, counted from the newest checkpoint. {DefaultKept} unless --older-than is given.",
    };

    private readonly Option<string?> _age = new("--older-than")
    {
        Description = "Only steps that the trainer acknowledged longer ago than a duration (12h, 7d), or steps before a step (120). "
            + "A step's age counts from the moment at which the data pool wrote its batch, whenever its groups were sampled.",
        HelpName = "duration|step",
    };

    public PruneLimits AddTo(Command command)
    {
        command.Options.Add(_keep);
        command.Options.Add(_age);
        return this;
    }

    /// <summary>The last step that may be pruned, 0 for none, and what keeps the next one.</summary>
    /// <exception cref="UsageException">An option's value makes no sense.</exception>
    public async Task<(long Last, string Because)> FindAsync(ParseResult parsed, string folder, PoolPruning pool, DateTimeOffset now)
    {
        var (oldest, newest) = Checkpoints(folder);
        var limits = new List<(long Last, string Because)>
        {
            newest == 0
                ? (0, "there is no checkpoint, so a resumed run begins anew with all of them")
                : (oldest, $"a run that is resumed from its oldest checkpoint (step {oldest}) takes them again"),
        };
        if (await AgeAsync(parsed, pool, now) is { } age)
        {
            limits.Add(age);
        }

        if (Kept(parsed) is { } kept)
        {
            limits.Add((Math.Max(0, newest - kept), $"the newest {kept} steps stay (--keep-steps; the newest checkpoint is of step {newest})"));
        }

        return limits.MinBy(limit => limit.Last);
    }

    private long? Kept(ParseResult parsed) => parsed.GetValue(_keep) switch
    {
        < 1 and var kept => throw new UsageException($"--keep-steps is {kept}; it must be at least 1."),
        null => parsed.GetValue(_age) is null ? DefaultKept : null,
        var kept => kept,
    };

    private async Task<(long Last, string Because)?> AgeAsync(ParseResult parsed, PoolPruning pool, DateTimeOffset now)
    {
        if (parsed.GetValue(_age) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            return (Math.Max(0, step - 1), $"they are not older than step {text} (--older-than)");
        }

        var age = DurationText.TryRead(text) ?? throw new UsageException(
            $"--older-than is '{text}'; give a duration such as 12h or 7d, or the number of a step.");
        var since = age < now - DateTimeOffset.UnixEpoch ? now - age : DateTimeOffset.UnixEpoch;
        return ((await pool.LastStepBeforeAsync(since)).Value, $"they are not older than {text} (--older-than)");
    }

    private static (long Oldest, long Newest) Checkpoints(string folder)
    {
        var path = Path.Combine(folder, "checkpoints");
        var steps = Directory.Exists(path) ? Directory.EnumerateDirectories(path, "step-*").Select(CheckpointSteps.Of).Order().ToList() : [];
        return steps.Count == 0 ? (0, 0) : (steps[0], steps[^1]);
    }
}
