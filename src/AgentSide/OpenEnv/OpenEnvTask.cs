using Forge.AgentSide.Environments;

namespace Forge.AgentSide.OpenEnv;

/// <summary>One reset of the server.</summary>
public sealed record OpenEnvTask : EnvironmentTask
{
    /// <summary>What the server is given at its reset.</summary>
    public required int ResetSeed { get; init; }

    /// <summary>The question is the same for all tasks; the seed is not.</summary>
    public override string Key => KeyOf(ResetSeed);

    internal static string KeyOf(int seed) => FormattableString.Invariant($"open_env/{seed}");
}
