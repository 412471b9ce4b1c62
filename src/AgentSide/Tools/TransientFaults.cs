using Forge.AgentSide.Environments;

namespace Forge.AgentSide.Tools;

/// <summary>
/// Decides which tool calls of an episode fail for no fault of the agent: a function of task seed, episode seed and call index, so
/// that an episode replays exactly.
/// </summary>
public sealed class TransientFaults(ulong taskSeed, ulong episodeSeed, double rate)
{
    private ulong _calls;

    /// <summary>Counts one call and tells whether it fails.</summary>
    public bool NextFails()
        => new SeededRandom(SeededRandom.Combine(taskSeed, episodeSeed, _calls++)).NextDouble() < rate;
}
