using Forge.Learning.Fused.Activations;

namespace Forge.Learning.Tests.Fused;

public sealed class ActivationPoolTests
{
    [Fact]
    public void Rent_gives_the_same_buffer_again_for_the_same_size()
    {
        var pool = new ActivationPool();
        var first = pool.Rent(1000);
        pool.Return(first);

        Assert.Same(first, pool.Rent(900));
        Assert.NotSame(first, pool.Rent(900));
    }

    [Fact]
    public void Rent_does_not_waste_a_buffer_of_more_than_twice_the_size()
    {
        var pool = new ActivationPool();
        var large = pool.Rent(10_000);
        pool.Return(large);

        Assert.NotSame(large, pool.Rent(4_000));
    }

    [Fact]
    public void Return_keeps_no_more_than_was_lent_at_the_busiest_moment()
    {
        var pool = new ActivationPool();
        for (var size = 1_000; size < 60_000; size = size * 5 / 2)
        {
            pool.Return(pool.Rent(size));
        }

        Assert.InRange(pool.FreeBytes, 1, 60_000);
    }

    [Fact]
    public void Trim_frees_what_is_not_lent()
    {
        var pool = new ActivationPool();
        var lent = pool.Rent(1_000);
        pool.Return(pool.Rent(5_000));

        pool.Trim();

        Assert.Equal(0, pool.FreeBytes);
        pool.Return(lent);
        Assert.Same(lent, pool.Rent(1_000));
    }
}
