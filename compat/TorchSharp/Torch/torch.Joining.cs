using TorchSharp.Interop;

namespace TorchSharp;

// Functions of several tensors.
public static partial class torch
{
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Ops.cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Ops.cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Ops.stack.Call(Arg.Tensors(tensors), dim);

    public static Tensor einsum(string equation, params Tensor[] tensors) => Ops.einsum.Call(equation, Arg.Tensors(tensors));

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Ops.where_self.Call(condition, x, y);

    public static Tensor[] where(Tensor condition) => Ops.op_where.CallList(condition);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null)
        => Ops.searchsorted_Tensor.Call(sorted_sequence, values, out_int32, right, Arg.Default, sorter);

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij")
        => Ops.meshgrid_indexing.CallList(Arg.Tensors(tensors), indexing);

    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);
}
