namespace Forge.AgentSide.Demonstrations;

/// <summary>Shows how tasks are played, as token ids: what supervised training learns from.</summary>
public interface IDemonstrator
{
    /// <summary>Plays demonstration <paramref name="index"/>; the same index always gives the same one. Safe for concurrent use.</summary>
    Demonstration Show(long index);
}
