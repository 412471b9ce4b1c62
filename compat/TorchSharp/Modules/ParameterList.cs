using System.Collections;
using System.Globalization;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Parameters in a row, named by their positions.</summary>
public class ParameterList : Module, IEnumerable<Parameter>
{
    public ParameterList(params Parameter[] parameters)
        : base(nameof(ParameterList))
        => extend(parameters);

    public int Count => _internal_params.Count;

    public Parameter this[int index]
    {
        get => _internal_params[index].Item2;
        set => _internal_params[index] = (_internal_params[index].Item1, value);
    }

    public void Add(Parameter item) => register_parameter(Count.ToString(CultureInfo.InvariantCulture), item);

    public void append(params Parameter[] parameters) => extend(parameters);

    public void extend(IEnumerable<Parameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            Add(parameter);
        }
    }

    public IEnumerator<Parameter> GetEnumerator() => _internal_params.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected override void RegisterComponents()
    {
        // All there is was registered when it was added.
    }
}
