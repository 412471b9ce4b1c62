using Forge.Learning.Torch;
using TorchSharp;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Runtime;

[Collection(Alone.Name)]
public sealed class MemoryTests
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
    [Trait("Tier", "long")]
    public void Training_two_thousand_steps_keeps_resident_memory_flat()
    {
        var curve = TorchBench.Memory(2000);

        Assert.True(curve.LargestDrift <= 0.05, $"Resident memory drifted by {curve.LargestDrift:P1}: {string.Join(", ", curve.ResidentBytes)}.");
        Assert.True(curve.LiveHandles[^1] <= curve.LiveHandles[0], string.Join(", ", curve.LiveHandles));
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
