namespace Forge.Core.Ring;

/// <summary>Points at a task that its environment can regenerate exactly.</summary>
/// <param name="Id">Unique per environment, split, difficulty and seed.</param>
/// <param name="Environment">The environment's registered name, such as <c>records</c>.</param>
/// <param name="Split">Train or held-out.</param>
/// <param name="Difficulty">The level, from 1.</param>
/// <param name="Seed">Determines the task within its split and level.</param>
public sealed record TaskReference(TaskId Id, string Environment, TaskSplit Split, int Difficulty, ulong Seed);
