namespace Forge.Grpc.Tests;

/// <summary>Tests that count what the whole process allocates.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
