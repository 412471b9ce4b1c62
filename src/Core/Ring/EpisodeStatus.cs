namespace Forge.Core.Ring;

/// <summary>How an episode ended. Stored as a number: append only.</summary>
public enum EpisodeStatus
{
    Unspecified = 0,

    /// <summary>The agent gave a final answer (right or wrong).</summary>
    Completed = 1,

    /// <summary>A limit on turns, tokens or time ended it; it is scored as it stands.</summary>
    LimitReached = 2,

    /// <summary>The agent broke (for example, a malformed final turn); it is scored and trained.</summary>
    AgentFailure = 3,

    /// <summary>The environment broke; never trained on.</summary>
    EnvironmentFailure = 4,

    /// <summary>The machinery broke (engine, store, network); never trained on.</summary>
    InfrastructureFailure = 5,

    /// <summary>Its deadline or its lease passed; consumed as failed, never trained on.</summary>
    Expired = 6,
}
