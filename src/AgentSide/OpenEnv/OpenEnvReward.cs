namespace Forge.AgentSide.OpenEnv;

/// <summary>Which of an episode's rewards is its outcome.</summary>
public enum OpenEnvReward
{
    /// <summary>All of them together.</summary>
    Sum,

    /// <summary>The newest one.</summary>
    Last,
}
