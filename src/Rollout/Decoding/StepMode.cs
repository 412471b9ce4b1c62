namespace Forge.Rollout.Decoding;

/// <summary>How the threads of a step share its rows. Results do not depend on it.</summary>
internal enum StepMode
{
    /// <summary>One thread.</summary>
    Serial,

    /// <summary>Each thread decodes sequences of its own and reads all weights; they meet once, at the end.</summary>
    Separate,

    /// <summary>All threads share every layer's work and each weight is read once; they meet several times per layer.</summary>
    Together,
}
