namespace Forge.TorchSharp.Tests;

/// <summary>Groups tests that count tensors or seed the random numbers of the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
