namespace Forge.Hosting.Services;

/// <summary>The services of the ring, in the order in which they start: each after those that it calls.</summary>
public enum ServiceName
{
    DataPool,
    Rollout,
    Gateway,
    AgentSide,
    Trainer,
}
