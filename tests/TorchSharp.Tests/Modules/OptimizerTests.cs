using TorchSharp;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Modules;

public sealed class OptimizerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void AdamW_follows_its_equations()
    {
        var (beta1, beta2, eps, rate, decay) = (0.9, 0.95, 1e-8, 0.1, 0.01);
        var parameter = nn.Parameter(tensor([1.0]));
        using var optimizer = optim.AdamW([parameter], rate, beta1, beta2, eps, decay);
        double weight = 1, first = 0, second = 0;

        for (var step = 1; step <= 5; step++)
        {
            optimizer.zero_grad();
            parameter.pow(3).sum().backward();
            optimizer.step();

            var gradient = 3 * weight * weight;
            weight *= 1 - (rate * decay);
            first = (beta1 * first) + ((1 - beta1) * gradient);
            second = (beta2 * second) + ((1 - beta2) * gradient * gradient);
            var (mean, spread) = (first / (1 - Math.Pow(beta1, step)), second / (1 - Math.Pow(beta2, step)));
            weight -= rate * mean / (Math.Sqrt(spread) + eps);
            Assert.Equal(weight, parameter.item<double>(), 1e-12);
        }
    }

    [Fact]
    public void SGD_with_momentum_follows_its_equations()
    {
        var parameter = nn.Parameter(tensor([1.0]));
        using var optimizer = optim.SGD([parameter], 0.1, momentum: 0.9);
        double weight = 1, buffer = 0;

        for (var step = 0; step < 4; step++)
        {
            optimizer.zero_grad();
            parameter.pow(2).sum().backward();
            optimizer.step();

            buffer = (0.9 * buffer) + (2 * weight);
            weight -= 0.1 * buffer;
            Assert.Equal(weight, parameter.item<double>(), 1e-12);
        }
    }

    [Fact]
    public void Learning_rate_is_read_at_every_step()
    {
        var parameter = nn.Parameter(tensor([1.0]));
        using var optimizer = optim.SGD([parameter], 0.1);
        optimizer.ParamGroups.Single().LearningRate = 0.5;

        parameter.sum().backward();
        optimizer.step();

        Assert.Equal(0.5, parameter.item<double>(), 1e-12);
        Assert.Equal(0.1, optimizer.ParamGroups.Single().InitialLearningRate);
    }

    [Fact]
    public void Step_skips_parameters_without_gradient()
    {
        var parameter = nn.Parameter(tensor([1.0]));
        using var optimizer = optim.AdamW([parameter], 0.1, weight_decay: 0.5);

        optimizer.step();

        Assert.Equal(1.0, parameter.item<double>());
    }

    [Fact]
    public void Clip_grad_norm_scales_all_gradients_together()
    {
        var a = nn.Parameter(tensor([3.0]));
        var b = nn.Parameter(tensor([4.0]));
        (a.pow(2).sum() / 2).backward();
        (b.pow(2).sum() / 2).backward();

        var norm = nn.utils.clip_grad_norm_([a, b], 1);

        Assert.Equal(5, norm, 1e-12);
        Assert.Equal(0.6, a.grad!.item<double>(), 1e-6);
        Assert.Equal(0.8, b.grad!.item<double>(), 1e-6);
    }
}
