using Forge.Core.Metrics;
using Forge.TestKit;
using Forge.Trainer;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>The point of it all: reward goes up.</summary>
[Trait("Tier", "long")]
public sealed class LearningTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_policy_that_was_shown_four_colours_learns_by_reward_which_one_pleases()
    {
        var policy = SmallPolicy.Make(new PaintEnvironment(PaintEnvironment.Colours), _folder.File("base"), steps: 150);
        var options = new TrainerOptions { Steps = 40, LearningRate = 1e-3, WarmupSteps = 2, EvaluateEvery = 0, MicroBatchTokens = 4096 };
        await using var ring = await WholeRing.OpenAsync(_folder.Path, policy, new PaintEnvironment("green"), options);

        await ring.RunAsync(TestContext.Current.CancellationToken);

        var success = ring.Metrics.Written.Where(line => line.Step > 0).Select(line => line.Values[MetricNames.Success]).ToArray();
        output.WriteLine(string.Join(' ', success.Select(value => value.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture))));
        Assert.InRange(success.Take(3).Average(), 0.03, 0.6);
        Assert.True(success.TakeLast(5).Average() > success.Take(3).Average() + 0.3);
    }

    public void Dispose() => _folder.Dispose();
}
