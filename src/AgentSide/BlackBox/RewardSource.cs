namespace Forge.AgentSide.BlackBox;

/// <summary>Whose word an episode's outcome is.</summary>
public enum RewardSource
{
    /// <summary>The environment's verifier scores what the program left behind; a reward that the program posts is refused.</summary>
    Verifier,

    /// <summary>
    /// The program posts it: right where the program brings its own verifier, and open to cheating where the policy can reach the program's key.
    /// </summary>
    Program,
}
