using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>The common part of optimizers: groups, per-parameter state, and a step without gradients in a scope of its own.</summary>
public abstract class OptimizerHelper : Optimizer
{
    protected OptimizerOptions _defaults = new();
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public void to(Device device)
    {
        foreach (var (_, state) in _state)
        {
            state.to(device);
        }
    }

    protected Tensor? _step<T>(Action<T> body, Func<Tensor>? loss_closure = null)
        where T : ParamGroup
    {
        using var outer = NewDisposeScope();
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using var grad = enable_grad();
            loss = loss_closure();
        }

        using var quiet = no_grad();
        foreach (var group in _parameter_groups)
        {
            using var inner = NewDisposeScope();
            body((T)group);
        }

        return loss?.MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var (_, state) in disposing ? _state : [])
        {
            state.Dispose();
        }

        _state.Clear();
        base.Dispose(disposing);
    }
}
