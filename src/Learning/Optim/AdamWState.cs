using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.Learning.Optim;

/// <summary>What the optimizer keeps for one parameter; all in at least fp32.</summary>
public sealed class AdamWState : IDisposable
{
    private readonly bool _ownsMaster;

    internal AdamWState(string name, Parameter parameter)
    {
        (Name, Parameter) = (name, parameter);
        var wide = parameter.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        _ownsMaster = parameter.dtype != wide;
        using var frozen = no_grad();
        Master = (_ownsMaster ? parameter.detach().to_type(wide) : parameter.detach()).DetachFromDisposeScope();
        FirstMoment = zeros_like(parameter, dtype: wide).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameter, dtype: wide).DetachFromDisposeScope();
    }

    public string Name { get; }

    public Parameter Parameter { get; }

    /// <summary>
    /// The weight that updates accumulate in: the parameter itself, or its fp32 master when the model is narrower.
    /// </summary>
    public Tensor Master { get; }

    public Tensor FirstMoment { get; }

    public Tensor SecondMoment { get; }

    public bool HasOwnMaster => _ownsMaster;

    /// <summary>Rounds the master into the model; nothing to do when they are one.</summary>
    internal void WriteBack()
    {
        if (_ownsMaster)
        {
            Parameter.copy_(Master);
        }
    }

    /// <summary>Takes the model's weight as the new master, after someone else has written the model.</summary>
    internal void ReadBack()
    {
        if (_ownsMaster)
        {
            Master.copy_(Parameter);
        }
    }

    /// <summary>Everything that an exact resume needs, by file name.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Stored()
    {
        yield return KeyValuePair.Create("exp_avg." + Name, FirstMoment);
        yield return KeyValuePair.Create("exp_avg_sq." + Name, SecondMoment);
        if (_ownsMaster)
        {
            yield return KeyValuePair.Create("master." + Name, Master);
        }
    }

    public void Dispose()
    {
        Master.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
