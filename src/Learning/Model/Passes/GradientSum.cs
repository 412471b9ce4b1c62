using TorchSharp;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Passes;

/// <summary>Adds up gradients that several chunks leave at one tensor.</summary>
/// <remarks>Where gradients cross from chunk to chunk; open to be broken on purpose by the test that proves it is needed.</remarks>
/// <param name="owner">The dispose scope that the sum belongs to.</param>
/// <param name="dtype">The sum's precision: at least fp32.</param>
internal class GradientSum(DisposeScope owner, ScalarType dtype)
{
    /// <summary>Whether anything was added.</summary>
    public bool HasAny => Value is not null;

    /// <summary>The sum, or null.</summary>
    public Tensor? Value { get; private set; }

    /// <summary>Adds a gradient of the whole tensor; null adds nothing.</summary>
    public void Add(Tensor? gradient)
    {
        if (gradient is not null)
        {
            AddRows(gradient, gradient.shape[0]);
        }
    }

    /// <summary>Adds a gradient of the tensor's first rows; null adds nothing.</summary>
    /// <param name="gradient">For some of the rows.</param>
    /// <param name="rowCount">All rows of the tensor.</param>
    public virtual void AddRows(Tensor? gradient, long rowCount)
    {
        if (gradient is null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        if (Value is null)
        {
            Value = zeros([rowCount, .. gradient.shape[1..]], dtype: dtype, device: gradient.device);
            scope.MoveToOther(owner, Value);
        }

        using var frozen = no_grad();
        Value.narrow(0, 0, gradient.shape[0]).add_(gradient);
    }
}
