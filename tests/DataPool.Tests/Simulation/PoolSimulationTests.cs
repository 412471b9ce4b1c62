using System.Globalization;

namespace Forge.DataPool.Tests.Simulation;

public sealed class PoolSimulationTests(ITestOutputHelper output)
{
    // ./forge test PoolSimulation --seed N plays one history.
    private static readonly int? OneSeed = int.TryParse(
        Environment.GetEnvironmentVariable("FORGE_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : null;

    [Fact]
    public void Few_hundred_histories_keep_every_promise() => Play(0, 300);

    [Fact]
    [Trait("Tier", "long")]
    public void Ten_thousand_histories_keep_every_promise() => Play(1000, 10_000);

    [Fact]
    public void Same_seed_gives_the_same_history()
    {
        var first = SimulatedRun.Play(5);
        var again = SimulatedRun.Play(5);

        Assert.Equal((first.Lines, first.Report.Faults, first.Report.LastStep), (again.Lines, again.Report.Faults, again.Report.LastStep));
    }

    [Theory]
    [InlineData(Defect.AnswersBeforeWriting)]
    [InlineData(Defect.NoFencing)]
    [InlineData(Defect.ConsumesTwice)]
    [InlineData(Defect.WiderWindow)]
    [InlineData(Defect.ForgetsGroup)]
    [InlineData(Defect.HalfAStep)]
    [InlineData(Defect.NoRecovery)]
    [InlineData(Defect.EternalLeases)]
    [InlineData(Defect.ShowsNoLeases)]
    [InlineData(Defect.StopsShowing)]
    public void Broken_variant_is_noticed(Defect defect)
    {
        var noticed = Enumerable.Range(0, 200).Select(seed => SimulatedRun.Play(seed, defect)).FirstOrDefault(outcome => !outcome.Ok);

        Assert.True(noticed is not null, $"200 histories with {defect} looked right");
        output.WriteLine($"{defect}: {string.Join("; ", noticed.Findings.Take(3))}");
    }

    private void Play(int first, int count)
    {
        var (seeds, faults, lines) = (OneSeed is { } one ? [one] : Enumerable.Range(first, count).ToList(), 0, 0);
        foreach (var seed in seeds)
        {
            var outcome = SimulatedRun.Play(seed);
            Assert.True(
                outcome.Ok,
                $"seed {seed}: {string.Join("; ", outcome.Findings)}\nreplay: ./forge test PoolSimulation --seed {seed}");
            faults += outcome.Report.Faults;
            lines += outcome.Lines;
        }

        output.WriteLine($"{seeds.Count} histories, {faults} faults, {lines} lines");
        Assert.True(OneSeed is not null || faults > count, "the histories are too peaceful to mean anything");
    }
}
