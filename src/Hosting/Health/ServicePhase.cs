namespace Forge.Hosting.Health;

/// <summary>How far a service is in its life.</summary>
public enum ServicePhase
{
    Starting,
    Ready,

    /// <summary>It was asked to end: it takes nothing new and finishes or hands back what it has.</summary>
    Draining,
    Stopped,
}
