using System.Globalization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Modules that feed one another in order.</summary>
public sealed class Sequential : Module<Tensor, Tensor>
{
    internal Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
        : base(nameof(Sequential))
    {
        foreach (var module in modules)
        {
            append(module);
        }
    }

    internal Sequential(IEnumerable<(string, Module<Tensor, Tensor>)> modules)
        : base(nameof(Sequential))
    {
        foreach (var (key, module) in modules)
        {
            register_module(key, module);
        }
    }

    public int Count => _internal_submodules.Count;

    public Sequential append(string name, IModule<Tensor, Tensor> module)
    {
        register_module(name, (Module)module);
        return this;
    }

    public Sequential append(IModule<Tensor, Tensor> module) => append(Count.ToString(CultureInfo.InvariantCulture), module);

    /// <summary>What lies between two modules is disposed as soon as it is used.</summary>
    public override Tensor forward(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var result = tensor.alias();
        foreach (var module in children().Cast<Module<Tensor, Tensor>>())
        {
            result = module.call(result);
        }

        return result.MoveToOuterDisposeScope();
    }
}
