using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Forge.TorchSharp.Tests.Autograd;

internal sealed class Failing : SingleTensorFunction<Failing>
{
    public override string Name => nameof(Failing);

    public override Tensor forward(AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).clone();

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        => throw new InvalidOperationException("the reason is here");
}
