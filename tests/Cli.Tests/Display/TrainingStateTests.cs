using Forge.Cli.Display;

namespace Forge.Cli.Tests.Display;

public sealed class TrainingStateTests
{
    [Fact]
    public void Remaining_follows_the_pace_of_the_last_steps()
    {
        var time = new SteppedTime();
        var state = new TrainingState(time);
        state.Begin(Samples.Facts);
        for (var step = 1; step <= 10; step++)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            state.Write(step, Samples.Step(0));
        }

        Assert.Equal(TimeSpan.FromSeconds(180), state.Remaining);
        Assert.Equal(TimeSpan.FromSeconds(20), state.Elapsed);
    }

    [Fact]
    public void Remaining_is_bounded_by_the_time_limit()
    {
        var time = new SteppedTime();
        var state = new TrainingState(time);
        state.Begin(Samples.Facts with { TimeLimit = TimeSpan.FromSeconds(30) });
        for (var step = 1; step <= 10; step++)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            state.Write(step, Samples.Step(0));
        }

        Assert.Equal(TimeSpan.FromSeconds(10), state.Remaining);
    }

    [Fact]
    public void An_evaluation_before_the_first_step_gives_no_pace_and_no_curve()
    {
        var state = new TrainingState(TimeProvider.System);
        state.Begin(Samples.Facts);

        state.Write(0, new Dictionary<string, double> { ["eval/success"] = 0.4 });

        Assert.Null(state.Remaining);
        Assert.Empty(state.Rewards);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan span) => _ticks += span.Ticks;
    }
}
