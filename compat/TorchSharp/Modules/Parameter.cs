using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A tensor that a module learns. It takes over the handle of the tensor it is made from.</summary>
public sealed class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true)
        : base(Taken(data, requires_grad, out var scope))
    {
        // The parameter lives where the tensor lived.
        MoveToOtherDisposeScope(scope);
    }

    private static IntPtr Taken(Tensor data, bool requires_grad, out DisposeScope? scope)
    {
        scope = data.OwningDisposeScope;
        if (data.requires_grad != requires_grad)
        {
            data.requires_grad_(requires_grad);
        }

        return data.DecoupleFromNativeHandle();
    }
}
