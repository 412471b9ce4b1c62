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
        var reference = Abandon();

        for (var i = 0; i < 20 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(reference.IsAlive);
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

    private static WeakReference Abandon() => new(ones(4));
}
