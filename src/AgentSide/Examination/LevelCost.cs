namespace Forge.AgentSide.Examination;

/// <summary>What an environment costs at one level, the scripted player included.</summary>
/// <param name="Level">The level.</param>
/// <param name="Episodes">How many were played.</param>
/// <param name="TurnsPerEpisode">Assistant's messages, the answer included.</param>
/// <param name="CallsPerEpisode">Tool calls.</param>
/// <param name="BytesPerTurn">Allocated on the managed heap.</param>
/// <param name="MicrosecondsPerTurn">Wall time on this machine at this moment: information, not a promise.</param>
public sealed record LevelCost(
    int Level, int Episodes, double TurnsPerEpisode, double CallsPerEpisode, double BytesPerTurn, double MicrosecondsPerTurn);
