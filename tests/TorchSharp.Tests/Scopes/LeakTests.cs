using TorchSharp;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Scopes;

[Collection(nameof(AloneInTheProcess))]
public sealed class LeakTests
{
    [Fact]
    public void Custom_functions_in_scopes_leave_no_tensor_behind()
    {
        using var outer = NewDisposeScope();
        var x = randn(8, requires_grad: true);
        Round(x);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 50; i++)
        {
            Round(x);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Tensors_without_scope_go_with_the_collector()
    {
        var before = Settled();

        Abandon(2000);

        Assert.InRange(Settled(), 0, before + 100);
    }

    [Fact]
    public void Live_handles_return_to_where_they_were()
    {
        var before = Settled();
        using (NewDisposeScope())
        {
            var kept = Enumerable.Range(0, 1000).Select(_ => ones(2)).ToList();
            Assert.Equal(before + 1000, Native.forge_tensor_live_count());
            Assert.Equal(1000, kept.Count);
        }

        Assert.Equal(before, Native.forge_tensor_live_count());
    }

    // What this and other tests left to the collector must not vanish in the middle of a count.
    private static long Settled()
    {
        long before;
        do
        {
            before = Native.forge_tensor_live_count();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        while (Native.forge_tensor_live_count() != before);
        return before;
    }

    private static void Round(Tensor x)
    {
        using var scope = NewDisposeScope();
        Autograd.Cube.apply(x, 2.0).sum().backward();
        x.grad = null;
    }

    private static void Abandon(int tensors)
    {
        for (var i = 0; i < tensors; i++)
        {
            _ = ones(4);
        }
    }
}
