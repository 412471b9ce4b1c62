using Forge.Core.Faults;
using Forge.DataPool.Replay;
using Forge.Hosting.Faults;
using Forge.Hosting.RunFiles;

namespace Forge.Cli.Composition;

/// <summary>A recorded run, opened and checked against the policy that is to be trained on it.</summary>
/// <param name="Run">The run file of the replay.</param>
/// <param name="Policy">Where it starts from.</param>
/// <param name="Recorded">What it trains on.</param>
/// <param name="Evaluates">Whether the policy is evaluated as the run file says, which needs a rollout engine.</param>
/// <param name="ResumeSwitches">What goes on with the replay after an interruption, beside <c>--resume --run-dir</c>.</param>
internal sealed record ReplayParts(RunFile Run, PolicyFolder Policy, RecordedRun Recorded, bool Evaluates, string ResumeSwitches)
{
    /// <summary>The pool that a command line means: the file itself, or the one in the given run's folder.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string PoolPath(string given)
    {
        var path = Path.GetFullPath(Directory.Exists(given) ? Path.Combine(given, "pool.db") : given);
        return File.Exists(path)
            ? path
            : throw new UsageException($"There is no recorded pool '{given}'. --replay takes the pool.db of a run, or the run's folder.");
    }

    /// <summary>The run file that the pool was recorded with, when it still lies beside it.</summary>
    public static string? RunFileBeside(string pool)
        => Path.Combine(Path.GetDirectoryName(pool)!, "run.yaml") is var file && File.Exists(file) ? file : null;

    /// <exception cref="ForgeException">The policy or the pool can't be used, or don't belong together.</exception>
    public static async Task<ReplayParts> OpenAsync(RunFile run, string pool, bool evaluates, CancellationToken cancellationToken)
    {
        var policy = PolicyFolder.OpenFor(run);
        var limits = new ReplayLimits(policy.Config.VocabSize, policy.Config.MaxPositionEmbeddings);
        var recorded = await RecordedRun.OpenAsync(pool, limits, cancellationToken);
        return new ReplayParts(run, policy, recorded, evaluates, $"--replay {pool}{(evaluates ? " --evaluate" : "")}");
    }
}
