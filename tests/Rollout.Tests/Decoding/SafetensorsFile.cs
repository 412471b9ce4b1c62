using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Forge.Core.Ring;

namespace Forge.Rollout.Tests.Decoding;

/// <summary>Reads a safetensors file: a JSON header, then the bytes.</summary>
internal sealed class SafetensorsFile
{
    private readonly Dictionary<string, WeightTensor> _tensors = [];

    public SafetensorsFile(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var header = (int)BitConverter.ToInt64(bytes, 0);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        foreach (var entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var offsets = entry.Value.GetProperty("data_offsets");
            var (from, to) = (offsets[0].GetInt32(), offsets[1].GetInt32());
            ImmutableArray<long> shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            var dtype = entry.Value.GetProperty("dtype").GetString()!;
            _tensors[entry.Name] = new WeightTensor(entry.Name, dtype, shape, bytes.AsMemory(8 + header + from, to - from));
        }
    }

    public ImmutableArray<WeightTensor> Tensors => [.. _tensors.Values];

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(_tensors[name].Data.Span).ToArray();

    public int[] Integers(string name) => MemoryMarshal.Cast<byte, int>(_tensors[name].Data.Span).ToArray();
}
