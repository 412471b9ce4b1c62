using Forge.Learning.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Tests.Torch;

/// <summary>Run on a machine with a GPU; elsewhere they are skipped.</summary>
[Trait("Tier", "gpu")]
[Collection(nameof(AloneInTheProcess))]
public sealed class CudaTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public CudaTests() => Assert.SkipUnless(cuda.is_available(), "There is no CUDA device.");

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Operators_and_gradients_agree_with_the_cpu()
    {
        var x = randn(64, 32, float64);
        var w = randn(32, 16, float64);
        var onCpu = w.clone().requires_grad_();
        var onGpu = w.to(CUDA).requires_grad_();

        x.matmul(onCpu).tanh().pow(2).sum().backward();
        x.to(CUDA).matmul(onGpu).tanh().pow(2).sum().backward();

        Assert.True(onGpu.is_leaf);
        Assert.True(onCpu.grad!.allclose(onGpu.grad!.cpu()));
    }

    [Fact]
    public void Custom_function_runs_its_backward_on_the_engine_s_thread_and_leaks_nothing()
    {
        var x = tensor([0.5, 2.0], device: CUDA, requires_grad: true);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (NewDisposeScope())
        {
            Doubling.apply(x).sum().backward();
        }

        Assert.NotEqual(Environment.CurrentManagedThreadId, Doubling.BackwardThread);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal([2.0, 2.0], x.grad!.cpu().data<double>().ToArray());
    }

    [Fact]
    public void Graph_replays_over_the_same_memory()
    {
        using var quiet = no_grad();
        var x = ones(4, device: CUDA);
        x.mul_(1);

        using var graph = CudaGraph.Capture(() => x.mul_(2));
        for (var i = 0; i < 3; i++)
        {
            graph.Replay();
        }

        cuda.synchronize();
        Assert.Equal([8f, 8f, 8f, 8f], x.cpu().data<float>().ToArray());
    }

    [Fact]
    public void Capture_of_what_a_graph_cannot_hold_is_a_text_and_leaves_the_device_usable()
    {
        using var quiet = no_grad();
        var x = ones(4, device: CUDA);

        Assert.ThrowsAny<Exception>(() => CudaGraph.Capture(() => x.cpu()));

        Assert.Equal(4f, x.sum().cpu().item<float>());
    }

    [Fact]
    public void Stream_orders_its_own_work()
    {
        using var quiet = no_grad();
        var stream = CudaStream.Create();
        Tensor result;
        using (stream.Use())
        {
            result = randn(256, 256, device: CUDA).matmul(zeros(256, 256, device: CUDA)).sum();
        }

        stream.Synchronize();
        Assert.Equal(0f, result.cpu().item<float>());
    }

    [Fact]
    public void Memory_figures_follow_allocations()
    {
        using var first = empty(1, device: CUDA);
        CudaMemory.ResetPeak();
        var before = CudaMemory.Of();
        using (empty(1024, 1024, device: CUDA))
        {
            Assert.Equal(4L << 20, CudaMemory.Of().Allocated - before.Allocated);
        }

        Assert.Equal(before.Allocated, CudaMemory.Of().Allocated);
        Assert.True(CudaMemory.Of().AllocatedPeak >= before.Allocated + (4L << 20));
        CudaMemory.EmptyCache();
    }
}
