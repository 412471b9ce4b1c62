using Forge.Trainer.Bench;

namespace Forge.Trainer.Tests.Bench;

public sealed class StratifiedSampleTests
{
    [Fact]
    public void Choose_takes_one_of_each_run_of_lengths_and_the_longest_of_all()
    {
        int[] lengths = [.. Enumerable.Range(0, 40).Select(index => (index * 7) % 40)];

        var chosen = StratifiedSample.Choose(lengths, 0.1);

        Assert.Equal(4, chosen.Length);
        Assert.Equal([0, 1, 2, 3], chosen.Select(index => lengths[index] / 10).Order());
        Assert.Contains(39, chosen.Select(index => lengths[index]));
        Assert.Equal(chosen.Order(), chosen);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(25, 3)]
    [InlineData(640, 64)]
    public void Choose_takes_at_least_the_fraction_that_was_asked_for(int sequences, int expected)
        => Assert.Equal(expected, StratifiedSample.Choose(new int[sequences], 0.1).Length);

    [Fact]
    public void Choose_of_everything_takes_everything()
        => Assert.Equal([0, 1, 2], StratifiedSample.Choose([3, 1, 2], 1));

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    public void Choose_refuses_what_is_no_fraction(double fraction)
        => Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedSample.Choose([1], fraction));
}
