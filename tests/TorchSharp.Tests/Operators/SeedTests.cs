using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Operators;

[Collection(nameof(AloneInTheProcess))]
public sealed class SeedTests
{
    [Fact]
    public void Seeds_repeat_and_generators_are_their_own()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var first = rand(4);
        manual_seed(7);
        using var generator = new Generator(3);
        var own = rand(4, generator: generator);
        var state = generator.get_state();
        var next = rand(4, generator: generator);
        generator.set_state(state);

        Assert.True(first.Equals(rand(4)));
        Assert.True(next.Equals(rand(4, generator: generator)));
        Assert.True(own.Equals(rand(4, generator: new Generator(3))));
    }
}
