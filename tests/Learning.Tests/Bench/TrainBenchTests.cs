using Forge.Learning.Bench;
using Forge.Learning.Model;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Bench;

public sealed class TrainBenchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_measures_whole_steps_with_either_arithmetic(bool fused)
    {
        var threads = get_num_threads();
        var bench = new TrainBench
        {
            Shape = TinyModel.Config,
            Batch = 2,
            Tokens = 9,
            Steps = 3,
            WarmUpSteps = 1,
            Threads = 1,
            Kernels = fused ? null : new ModelKernels(),
        };

        var row = Assert.Single(bench.Run(TimeProvider.System, TestContext.Current.CancellationToken));
        set_num_threads(threads);

        Assert.Equal((2, 9), (row.Batch, row.Tokens));
        Assert.InRange(row.TrainedTokensPerS, 1, row.BestTokensPerS);
    }

    [Fact]
    public void Run_stops_when_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => new TrainBench { Shape = TinyModel.Config, Batch = 1, Tokens = 4 }.Run(TimeProvider.System, cancelled.Token));
    }
}
