namespace Forge.Hosting.Tests;

/// <summary>Groups tests that start processes: until it has become another program, a child holds the locks of every file that is open here.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
