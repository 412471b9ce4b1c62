using Forge.Rollout.Decoding;

namespace Forge.Rollout.Tests.Decoding;

public sealed class StepModeChooserTests
{
    [Theory]
    [InlineData(StepMode.Serial)]
    [InlineData(StepMode.Separate)]
    [InlineData(StepMode.Together)]
    internal void Choose_settles_on_the_mode_that_is_fastest(StepMode fastest)
    {
        var chooser = new StepModeChooser(threads: 2);

        var chosen = Enumerable.Range(0, 1000).Select(_ => Step(chooser, fastest)).ToList();

        Assert.Equal(3, chosen.Distinct().Count());
        Assert.InRange(chosen.Count(mode => mode == fastest), 970, 1000);
    }

    [Fact]
    public void Choose_notices_when_another_mode_becomes_faster()
    {
        var chooser = new StepModeChooser(threads: 2);
        for (var i = 0; i < 300; i++)
        {
            Step(chooser, StepMode.Together);
        }

        var later = Enumerable.Range(0, 3000).Select(_ => Step(chooser, StepMode.Serial)).ToList();

        Assert.InRange(later.TakeLast(500).Count(mode => mode == StepMode.Serial), 480, 500);
    }

    [Fact]
    public void Choose_with_one_thread_is_always_serial()
        => Assert.All(Enumerable.Range(1, 200), rows => Assert.Equal(StepMode.Serial, new StepModeChooser(1).Choose(rows)));

    private static StepMode Step(StepModeChooser chooser, StepMode fastest)
    {
        var mode = chooser.Choose(40);
        chooser.Report(40, mode, TimeSpan.FromMilliseconds(mode == fastest ? 1 : 2));
        return mode;
    }
}
