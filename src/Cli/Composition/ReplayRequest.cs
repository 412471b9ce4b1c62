namespace Forge.Cli.Composition;

/// <summary>What a command line wants to be replayed.</summary>
/// <param name="Source">The recording.</param>
/// <param name="Evaluates">Whether the policy is evaluated as the run file says, which needs a rollout engine.</param>
/// <param name="Rewards">A reward version of the run, such as <c>v2</c>; null for what was recorded.</param>
/// <param name="From">The first recorded step; null for the first there is.</param>
internal sealed record ReplayRequest(ReplaySource Source, bool Evaluates, string? Rewards, long? From)
{
    /// <summary>What goes on with the replay after an interruption, beside <c>--resume --run-dir</c>.</summary>
    public string Switches
        => $"--replay {Source.Name}{(Rewards is null ? "" : $" --rewards {Rewards}")}{(From is null ? "" : $" --from-step {From}")}{(Evaluates ? " --evaluate" : "")}";
}
