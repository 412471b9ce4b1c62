// M rows, D width
using static TorchSharp.torch;

namespace Forge.Learning.Model.Mixture;

/// <summary>Rows in another order. Its backward pass is the inverse order: a selection too, where that of any selection would add row by row.</summary>
/// <remarks>Arguments of <c>apply</c>: x_MD, the order [M], its inverse [M] (both int64).</remarks>
internal sealed class PermutedRows : autograd.SingleTensorFunction<PermutedRows>
{
    public override string Name => nameof(PermutedRows);

    /// <param name="x_MD">The rows.</param>
    /// <param name="order_M">For each place, the row that goes there; every row once.</param>
    /// <param name="inverse_M">For each row, its place.</param>
    public static Tensor Of(Tensor x_MD, Tensor order_M, Tensor inverse_M) => apply(x_MD, order_M, inverse_M);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_for_backward([(Tensor)vars[2]]);
        return ((Tensor)vars[0]).index_select(0, (Tensor)vars[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        => [grad_output.index_select(0, ctx.get_saved_variables()[0]), null!, null!];
}
