using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Autograd;

public sealed class GradientTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Backward_accumulates_into_leaves()
    {
        var x = tensor([1.0, 2.0], requires_grad: true);

        (x * x).sum().backward();
        (x * x).sum().backward();

        Assert.Equal([4.0, 8.0], x.grad!.data<double>().ToArray());
        Assert.True(x.is_leaf);
        Assert.False((x * x).is_leaf);
    }

    [Fact]
    public void Backward_of_a_vector_needs_its_gradient()
    {
        var x = tensor([1.0, 2.0], requires_grad: true);

        Assert.Throws<ExternalException>(() => (x * x).backward());
        (x * x).backward([tensor([1.0, 10.0])]);

        Assert.Equal([2.0, 40.0], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Grad_leaves_the_tensors_alone()
    {
        var x = tensor([1.0, 2.0], requires_grad: true);
        var unused = tensor([1.0], requires_grad: true);

        var gradients = autograd.grad([x.pow(3).sum()], [x, unused], allow_unused: true);

        Assert.Equal([3.0, 12.0], gradients[0].data<double>().ToArray());
        Assert.Null(gradients[1]);
        Assert.Null(x.grad);
    }

    [Fact]
    public void No_grad_nests_and_returns()
    {
        var x = tensor([1.0], requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
            }

            Assert.False(is_grad_enabled());
        }

        Assert.True(is_grad_enabled());
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }

        Assert.False(is_inference_mode_enabled());
    }

    [Fact]
    public void Detach_cuts_the_graph_and_shares_values()
    {
        var x = tensor([1.0], requires_grad: true);

        var cut = (x * 2).detach();

        Assert.False(cut.requires_grad);
        Assert.Equal(2.0, cut.item<double>());
    }

    [Fact]
    public void In_place_change_of_a_leaf_that_requires_grad_is_an_error()
        => Assert.Throws<ExternalException>(() => tensor([1.0], requires_grad: true).add_(1));

    [Fact]
    public void Retain_grad_keeps_the_gradient_of_an_intermediate()
    {
        var x = tensor([3.0], requires_grad: true);
        var middle = x * 2;
        middle.retain_grad();

        middle.pow(2).sum().backward();

        Assert.Equal(12.0, middle.grad!.item<double>());
        Assert.Equal(24.0, x.grad!.item<double>());
    }

    [Fact]
    public void Grad_can_be_set_and_cleared()
    {
        var x = tensor([1.0, 1.0], requires_grad: true);

        x.grad = tensor([5.0, 6.0]);
        Assert.Equal([5.0, 6.0], x.grad!.data<double>().ToArray());

        x.grad = null;
        Assert.Null(x.grad);
    }
}
