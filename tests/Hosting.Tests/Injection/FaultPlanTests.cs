using Forge.Hosting.Injection;

namespace Forge.Hosting.Tests.Injection;

public sealed class FaultPlanTests
{
    private static readonly FaultOptions Options = new()
    {
        Seed = 7,
        Drop = 0.1,
        ErrorBefore = 0.2,
        ErrorAfter = 0.3,
        Delay = 0.5,
        LongestDelay = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public void Nothing_happens_by_default()
    {
        var plan = new FaultPlan(new FaultOptions());

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(default, plan.Next("/a/B")));
    }

    [Fact]
    public void The_same_seed_makes_the_same_faults_whatever_other_methods_do()
    {
        var (alone, mixed) = (new FaultPlan(Options), new FaultPlan(Options));

        var first = Enumerable.Range(0, 500).Select(_ => alone.Next("/a/B")).ToArray();
        var second = Enumerable.Range(0, 500).Select(n =>
        {
            for (var i = 0; i < n % 3; i++)
            {
                mixed.Next("/a/C");
            }

            return mixed.Next("/a/B");
        }).ToArray();

        Assert.Equal(first, second);
        Assert.NotEqual(first, Enumerable.Range(0, 500).Select(n => alone.Of("/a/C", n)));
    }

    [Fact]
    public void Faults_are_as_frequent_as_asked()
    {
        var plan = new FaultPlan(Options);

        var fates = Enumerable.Range(0, 20_000).Select(_ => plan.Next("/a/B")).ToArray();

        double Share(Func<FaultDecision, bool> of) => fates.Count(of) / (double)fates.Length;
        Assert.Equal(0.1, Share(fate => fate.Kind == FaultKind.Drop), 0.01);
        Assert.Equal(0.2, Share(fate => fate.Kind == FaultKind.ErrorBefore), 0.01);
        Assert.Equal(0.3, Share(fate => fate.Kind == FaultKind.ErrorAfter), 0.012);
        Assert.Equal(0.5, Share(fate => fate.Delay > TimeSpan.Zero), 0.015);
        Assert.All(fates, fate => Assert.InRange(fate.Delay, TimeSpan.Zero, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Only_named_methods_are_touched()
    {
        var plan = new FaultPlan(new FaultOptions { ErrorBefore = 1, Methods = ["Gateway"] });

        Assert.Equal(FaultKind.None, plan.Next("/forge.v1.RolloutService/Generate").Kind);
        Assert.Equal(FaultKind.ErrorBefore, plan.Next("/forge.v1.GatewayService/Complete").Kind);
    }
}
