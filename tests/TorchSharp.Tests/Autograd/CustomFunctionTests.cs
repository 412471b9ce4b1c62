using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Autograd;

public sealed class CustomFunctionTests
{
    private static readonly double[] Points = [0.5, -1.25, 2];

    [Fact]
    public void Apply_single_output_has_the_gradient_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Points, requires_grad: true);

        Cube.apply(x, 1.5).sum().backward();

        Assert.True(x.grad!.allclose(FiniteDifferences(Points, point => 1.5 * Math.Pow(point, 3)), 1e-6, 1e-6));
    }

    [Fact]
    public void Apply_several_outputs_sums_their_gradients()
    {
        using var scope = NewDisposeScope();
        var a = tensor(2.0, requires_grad: true);
        var b = tensor(5.0, requires_grad: true);

        var outputs = SumAndProduct.apply(a, b);
        (outputs[0] + (outputs[1] * 3)).backward();

        Assert.Equal(1 + (3 * 5), a.grad!.ToDouble());
        Assert.Equal(1 + (3 * 2), b.grad!.ToDouble());
    }

    [Fact]
    public void Apply_unused_output_arrives_as_zeros()
    {
        using var scope = NewDisposeScope();
        var a = tensor(2.0, requires_grad: true);
        var b = tensor(5.0);

        SumAndProduct.apply(a, b)[1].backward();

        Assert.Equal(5, a.grad!.ToDouble());
        Assert.Null(b.grad);
    }

    [Fact]
    public void Apply_composes_with_operators_on_both_sides()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Points, requires_grad: true);

        Cube.apply(x * 2, 1.0).sin().sum().backward();

        var expected = FiniteDifferences(Points, point => Math.Sin(Math.Pow(2 * point, 3)));
        Assert.True(x.grad!.allclose(expected, 1e-5, 1e-5));
    }

    [Fact]
    public void Apply_without_grad_mode_gives_a_plain_tensor()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = tensor(Points, requires_grad: true);

        Assert.False(Cube.apply(x, 1.0).requires_grad);
    }

    [Fact]
    public void Backward_failure_carries_the_reason()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Points, requires_grad: true);

        var failure = Assert.Throws<ExternalException>(() => Failing.apply(x).sum().backward());

        Assert.Contains("the reason is here", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_twice_needs_retain_graph()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Points, requires_grad: true);
        var y = Cube.apply(x, 1.0).sum();

        y.backward(retain_graph: true);
        y.backward();

        Assert.Throws<ExternalException>(() => y.backward());
        Assert.True(x.grad!.allclose(FiniteDifferences(Points, point => 2 * Math.Pow(point, 3)), 1e-6, 1e-6));
    }

    [Fact]
    public void Backward_with_create_graph_differentiates_again()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Points, requires_grad: true);
        var first = autograd.grad([Cube.apply(x, 1.0).sum()], [x], create_graph: true)[0];

        first.sum().backward();

        Assert.True(x.grad!.allclose(tensor(Points.Select(point => 6 * point).ToArray())));
    }

    [Fact]
    public void Backward_on_another_thread_needs_no_scope_there()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Points, requires_grad: true);
        var loss = Cube.apply(x, 1.0).sum();
        var held = scope.DisposablesCount;
        long leaked = -1;

        var thread = new Thread(() =>
        {
            loss.backward();
            leaked = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        });
        thread.Start();
        thread.Join();

        Assert.Equal(0, leaked);
        Assert.Equal(held, scope.DisposablesCount);
        Assert.True(x.grad!.allclose(FiniteDifferences(Points, point => Math.Pow(point, 3)), 1e-6, 1e-6));
    }

    private static Tensor FiniteDifferences(double[] points, Func<double, double> function)
    {
        const double Step = 1e-6;
        return tensor(points.Select(point => (function(point + Step) - function(point - Step)) / (2 * Step)).ToArray());
    }
}
