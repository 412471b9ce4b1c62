namespace Forge.Scenarios.Tests;

/// <summary>Groups tests that measure the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
