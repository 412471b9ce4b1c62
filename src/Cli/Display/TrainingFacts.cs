namespace Forge.Cli.Display;

/// <summary>What is known before the first step.</summary>
/// <param name="Name">The run's name.</param>
/// <param name="Directory">Its folder.</param>
/// <param name="Environment">What the agents practise.</param>
/// <param name="Policy">The model in a few words, such as <c>1.2 M parameters, 8 experts</c>.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda</c>.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="FirstStep">Steps done before this start: 0 unless resumed.</param>
/// <param name="LastStep">Steps when the run is over.</param>
/// <param name="TimeLimit">Ends the run earlier; null for no limit.</param>
internal sealed record TrainingFacts(
    string Name, string Directory, string Environment, string Policy, string Device, ulong Seed, long FirstStep, long LastStep, TimeSpan? TimeLimit);
