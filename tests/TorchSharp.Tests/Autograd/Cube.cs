using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Forge.TorchSharp.Tests.Autograd;

/// <summary>scale · x³, with a plain number among its arguments.</summary>
internal sealed class Cube : SingleTensorFunction<Cube>
{
    public override string Name => nameof(Cube);

    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        ctx.save_for_backward([x]);
        ctx.save_data("scale", vars[1]);
        return x.pow(3) * (double)vars[1];
    }

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        var x = ctx.get_saved_variables()[0];
        return [grad_output * x.pow(2) * (3 * (double)ctx.get_data("scale")), null!];
    }
}
