using Forge.AgentSide.Evaluation;

namespace Forge.AgentSide.Tests.Evaluation;

public sealed class PassAtKTests
{
    [Theory]
    [InlineData(4, 0, 2, 0.0)]
    [InlineData(4, 4, 1, 1.0)]
    [InlineData(4, 1, 1, 0.25)]
    [InlineData(4, 1, 2, 0.5)]
    [InlineData(5, 2, 2, 0.7)]
    [InlineData(5, 3, 3, 1.0)]
    public void Estimate_counts_the_subsets_that_hold_a_solved_attempt(int attempts, int solved, int k, double expected)
        => Assert.Equal(expected, PassAtK.Estimate(attempts, solved, k), 1e-12);

    [Fact]
    public void Estimate_agrees_with_an_enumeration_of_all_subsets()
    {
        for (var attempts = 1; attempts <= 8; attempts++)
        {
            for (var solved = 0; solved <= attempts; solved++)
            {
                for (var k = 1; k <= attempts; k++)
                {
                    var subsets = Enumerable.Range(0, 1 << attempts).Where(subset => int.PopCount(subset) == k).ToArray();
                    var hits = subsets.Count(subset => (subset & ((1 << solved) - 1)) != 0);

                    Assert.Equal((double)hits / subsets.Length, PassAtK.Estimate(attempts, solved, k), 1e-12);
                }
            }
        }
    }

    [Theory]
    [InlineData(4, 5, 1)]
    [InlineData(4, -1, 1)]
    [InlineData(4, 1, 0)]
    [InlineData(4, 1, 5)]
    public void Estimate_refuses_counts_that_do_not_fit(int attempts, int solved, int k)
        => Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Estimate(attempts, solved, k));
}
