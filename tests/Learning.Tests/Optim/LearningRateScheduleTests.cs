using Forge.Learning.Optim;

namespace Forge.Learning.Tests.Optim;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(LearningRateShape.Constant, 0, 0.25)]
    [InlineData(LearningRateShape.Constant, 3, 1.0)]
    [InlineData(LearningRateShape.Constant, 900, 1.0)]
    [InlineData(LearningRateShape.Linear, 1, 0.5)]
    [InlineData(LearningRateShape.Linear, 4, 1.0)]
    [InlineData(LearningRateShape.Linear, 9, 0.55)]
    [InlineData(LearningRateShape.Linear, 14, 0.1)]
    [InlineData(LearningRateShape.Linear, 99, 0.1)]
    [InlineData(LearningRateShape.Cosine, 4, 1.0)]
    [InlineData(LearningRateShape.Cosine, 9, 0.55)]
    [InlineData(LearningRateShape.Cosine, 14, 0.1)]
    public void At_warms_up_then_follows_its_shape(LearningRateShape shape, long step, double expected)
    {
        var schedule = new LearningRateSchedule(new LearningRateOptions
        {
            Peak = 1.0,
            WarmupSteps = 4,
            Shape = shape,
            TotalSteps = 14,
            FinalFraction = 0.1,
        });

        Assert.Equal(expected, schedule.At(step), 1e-12);
    }

    [Fact]
    public void At_of_a_cosine_is_flat_at_both_ends()
    {
        var schedule = new LearningRateSchedule(new LearningRateOptions { Peak = 2, Shape = LearningRateShape.Cosine, TotalSteps = 1000 });

        Assert.Equal(2, schedule.At(1), 1e-4);
        Assert.Equal(2 * 0.5 * (1 + Math.Cos(Math.PI * 0.25)), schedule.At(250), 1e-12);
        Assert.Equal(0, schedule.At(999), 1e-4);
    }

    [Fact]
    public void Constructor_refuses_a_falling_shape_without_a_total()
        => Assert.Throws<ArgumentException>(() => new LearningRateSchedule(new LearningRateOptions { Shape = LearningRateShape.Linear }));
}
