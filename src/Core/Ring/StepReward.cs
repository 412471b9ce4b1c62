namespace Forge.Core.Ring;

/// <summary>What one completion earned, before weights (forge_m2_m3: r_t = α·process + β·speed + perf).</summary>
/// <param name="Process">Dense: malformed calls and wrong format are negative.</param>
/// <param name="Speed">Completion speed relative to a baseline; non-zero only on the last completion of an episode.</param>
/// <param name="Outcome">The verifier's score in [0, 1]; non-zero only on the last completion of an episode.</param>
public readonly record struct StepReward(double Process, double Speed, double Outcome);
