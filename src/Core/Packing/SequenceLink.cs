namespace Forge.Core.Packing;

/// <summary>A run of samples that share one sequence: each one's prompt starts with the previous one's prompt and response.</summary>
/// <param name="FirstSample">Index of the first sample of the run.</param>
/// <param name="SampleCount">How many samples the run has.</param>
/// <param name="Tokens">Rows of the sequence.</param>
internal readonly record struct SequenceLink(int FirstSample, int SampleCount, int Tokens);
