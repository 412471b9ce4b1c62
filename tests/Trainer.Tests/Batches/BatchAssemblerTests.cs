using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.TestKit;
using Forge.Trainer.Batches;

namespace Forge.Trainer.Tests.Batches;

public sealed class BatchAssemblerTests
{
    [Fact]
    public async Task Next_skips_what_teaches_nothing_and_refills()
    {
        var source = new RecordedBatchSource(
            [TrainingData.Flat(0), TrainingData.Mixed(1), TrainingData.Broken(2), TrainingData.Mixed(3), TrainingData.Mixed(4)]);

        var batch = await Assembler(source).NextAsync(PolicyVersion.Initial, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal([1L, 3L], batch.Groups.Select(group => group.Id.Value));
        Assert.Equal([(0L, SkipReason.NoVariance), (2L, SkipReason.Failed)], source.Skipped);
        Assert.Equal(source.Skipped, batch.Skipped.Select(skipped => (skipped.Group.Id.Value, skipped.Reason)));
        Assert.Equal([0, 1], batch.Completions.Select(scored => scored.GroupIndex).Distinct());
        Assert.Equal(12, batch.Completions.Length);
    }

    [Fact]
    public async Task Next_takes_exactly_what_a_recorded_step_took()
    {
        var source = new RecordedBatchSource(
            [TrainingData.Mixed(0), TrainingData.Flat(1), TrainingData.Mixed(2), TrainingData.Mixed(3), TrainingData.Mixed(4)]);
        var assembler = new BatchAssembler(source, new GroupScorer(new AlgorithmOptions()), groupsPerBatch: 1, recordedGroups: [3, 2]);

        var first = await assembler.NextAsync(PolicyVersion.Initial, TestContext.Current.CancellationToken).DefaultTimeout();
        var second = await assembler.NextAsync(new PolicyVersion(1), TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal([0L, 2L], first.Groups.Select(group => group.Id.Value));
        Assert.Equal([3L, 4L], second.Groups.Select(group => group.Id.Value));
    }

    [Fact]
    public async Task Next_says_so_when_nothing_of_a_recorded_step_can_be_trained_on()
    {
        var assembler = new BatchAssembler(
            new RecordedBatchSource([TrainingData.Flat(0)]), new GroupScorer(new AlgorithmOptions()), groupsPerBatch: 1, recordedGroups: [1]);

        var error = await Assert.ThrowsAsync<ForgeException>(
            () => assembler.NextAsync(PolicyVersion.Initial, TestContext.Current.CancellationToken).DefaultTimeout());

        Assert.Contains(SkipReason.NoVariance, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_waits_until_it_is_cancelled_and_acknowledges_nothing()
    {
        using var stopping = new CancellationTokenSource();
        var source = new RecordedBatchSource([TrainingData.Mixed(0)]) { RanDry = stopping.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Assembler(source).NextAsync(PolicyVersion.Initial, stopping.Token).DefaultTimeout());

        Assert.Empty(source.Skipped);
        Assert.Empty(source.Trained);
    }

    private static BatchAssembler Assembler(RecordedBatchSource source) => new(source, new GroupScorer(new AlgorithmOptions()), groupsPerBatch: 2);
}
