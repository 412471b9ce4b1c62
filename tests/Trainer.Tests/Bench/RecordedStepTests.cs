using System.IO.Compression;
using Forge.Core.Faults;
using Forge.Trainer.Bench;

namespace Forge.Trainer.Tests.Bench;

public sealed class RecordedStepTests
{
    [Fact]
    public void Read_gives_back_what_was_written()
    {
        var step = StepSamples.Of("two groups", [TrainingData.Mixed(1), TrainingData.Broken(2)]);
        using var stream = new MemoryStream();

        RecordedStep.Write(step, stream);
        stream.Position = 0;
        var read = RecordedStep.Read(step.Name, stream);

        Assert.Equal(step.Groups, read.Groups);
        Assert.Equal(step.Description, read.Description);
        Assert.Equal(step.Samples.Select(sample => sample.Chain), read.Samples.Select(sample => sample.Chain));
        Assert.All(step.Samples.Zip(read.Samples), pair => Assert.Equal(pair.First.PromptIds, pair.Second.PromptIds));
        Assert.All(step.Samples.Zip(read.Samples), pair => Assert.Equal(pair.First.ResponseIds, pair.Second.ResponseIds));
    }

    [Fact]
    public void Of_groups_takes_the_episodes_that_a_step_trains()
    {
        var step = StepSamples.Of("one group", [TrainingData.Broken(1)]);

        Assert.Equal("1 groups, 1 episodes, 1 completions, recorded", step.Description);
    }

    [Fact]
    public void The_program_brings_a_step_of_the_quickstart()
    {
        var step = RecordedStep.Quickstart();

        Assert.Equal(32, step.Groups.Distinct().Count());
        Assert.InRange(step.Samples.DistinctBy(sample => sample.Chain).Count(), 200, 256);
        Assert.InRange(step.Samples.Max(sample => sample.ForwardTokens), 100, 512);
    }

    [Theory]
    [InlineData("0 0:1 2:3 4\n0 0:1 2", "Line 2")]
    [InlineData("0 0:1 x:3", "Line 1")]
    [InlineData("0:1 2:3", "Line 1")]
    public void Read_names_the_line_that_has_another_form(string text, string expected)
    {
        using var stream = new MemoryStream();
        using (var writer = new StreamWriter(new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true)))
        {
            writer.Write(text);
        }

        stream.Position = 0;

        Assert.Contains(expected, Assert.Throws<ForgeException>(() => RecordedStep.Read("broken", stream)).Message, StringComparison.Ordinal);
    }
}
