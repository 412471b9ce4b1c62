using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Forge.Learning.Tests.Torch;

/// <summary>2 x, and the thread that its backward ran on.</summary>
internal sealed class Doubling : SingleTensorFunction<Doubling>
{
    internal static int BackwardThread { get; private set; }

    public override string Name => nameof(Doubling);

    public override Tensor forward(AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 2;

    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        BackwardThread = Environment.CurrentManagedThreadId;
        return [grad_output * 2];
    }
}
