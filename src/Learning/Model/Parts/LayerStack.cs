using System.Globalization;
using TorchSharp;

namespace Forge.Learning.Model.Parts;

/// <summary>Names the decoder layers by their number (<c>layers.0</c>, <c>layers.1</c>, …).</summary>
internal sealed class LayerStack : torch.nn.Module
{
    public LayerStack(string name, IReadOnlyList<DecoderLayer> layers)
        : base(name)
    {
        foreach (var layer in layers)
        {
            register_module(layer.Index.ToString(CultureInfo.InvariantCulture), layer);
        }
    }
}
