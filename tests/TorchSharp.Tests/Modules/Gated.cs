using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Modules;

/// <summary>A module with a renamed submodule, a parameter, and buffers of two kinds.</summary>
internal sealed class Gated : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "up_proj")]
    private readonly Linear _up = nn.Linear(3, 2, hasBias: false);

    private readonly ModuleList<Linear> _stack = nn.ModuleList(nn.Linear(2, 2), nn.Linear(2, 2));

    [ComponentName(Name = "gain")]
    private readonly Parameter _gain = nn.Parameter(ones(2));

    internal Gated()
        : base(nameof(Gated))
    {
        register_buffer("places", arange(2));
        register_buffer("scratch", zeros(2), persistent: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var hidden = _up.call(input) * _gain;
        foreach (var layer in _stack)
        {
            hidden = layer.call(hidden).tanh();
        }

        return hidden.MoveToOuterDisposeScope();
    }
}
