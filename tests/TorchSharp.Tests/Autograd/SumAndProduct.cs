using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Forge.TorchSharp.Tests.Autograd;

/// <summary>(a + b, a · b), saving one of its outputs too.</summary>
internal sealed class SumAndProduct : MultiTensorFunction<SumAndProduct>
{
    public override string Name => nameof(SumAndProduct);

    public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
    {
        var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
        var product = a * b;
        ctx.save_for_backward([a, b, product]);
        return [a + b, product];
    }

    public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var saved = ctx.get_saved_variables();
        var (a, b) = (saved[0], saved[1]);
        Assert.True((a * b).allclose(saved[2]));
        return [grad_outputs[0] + (grad_outputs[1] * b), grad_outputs[0] + (grad_outputs[1] * a)];
    }
}
