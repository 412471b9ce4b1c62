namespace Forge.Learning.Tests.Torch;

/// <summary>Tests that look at the whole process run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    internal const string Name = "alone";
}
