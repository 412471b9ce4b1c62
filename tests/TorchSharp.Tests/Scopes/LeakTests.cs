using TorchSharp;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Scopes;

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
        var before = Native.forge_tensor_live_count();
        Abandon(2000);

        // Garbage makes the collector run; finalizers follow on their own thread.
        for (var i = 0; i < 20_000 && Native.forge_tensor_live_count() > before + 1000; i++)
        {
            GC.KeepAlive(new byte[1 << 16]);
        }

        Assert.True(Native.forge_tensor_live_count() <= before + 1000);
    }

    [Fact]
    public void Live_handles_return_to_where_they_were()
    {
        // Other tests run beside this one: only a leak of our own thousand would show.
        var before = Native.forge_tensor_live_count();
        using (NewDisposeScope())
        {
            var kept = Enumerable.Range(0, 1000).Select(_ => ones(2)).ToList();
            Assert.True(Native.forge_tensor_live_count() - before > 500, $"{kept.Count} made");
        }

        Assert.True(Native.forge_tensor_live_count() - before < 500);
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
