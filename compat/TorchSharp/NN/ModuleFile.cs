using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The outside API's own binary form of a state dictionary: counts as LEB128, then name, type, shape and bytes of each tensor.</summary>
internal static class ModuleFile
{
    internal static void Save(BinaryWriter writer, Dictionary<string, Tensor> state, IList<string> skip)
    {
        var kept = state.Where(pair => !skip.Contains(pair.Key)).ToList();
        Encode(writer, kept.Count);
        foreach (var (key, tensor) in kept)
        {
            writer.Write(key);
            SaveTensor(writer, tensor);
        }
    }

    internal static void Load(
        nn.Module module, BinaryReader reader, bool strict, IList<string> skip, Dictionary<string, bool>? loaded)
    {
        var state = module.state_dict();
        var count = Decode(reader);
        if (strict && count != state.Count)
        {
            throw new ArgumentException($"Mismatched state_dict sizes: expected {state.Count}, but found {count} entries.");
        }

        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            var key = reader.ReadString();
            var tensor = LoadTensor(reader);
            if (state.TryGetValue(key, out var target))
            {
                if (!skip.Contains(key))
                {
                    using var quiet = no_grad();
                    target.copy_(tensor);
                    loaded?.TryAdd(key, true);
                }
            }
            else if (strict)
            {
                throw new ArgumentException($"Mismatched module state names: the target modules does not have a submodule or buffer named '{key}'");
            }
        }
    }

    internal static void SaveTensor(BinaryWriter writer, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var host = tensor.detach().cpu().contiguous();
        Encode(writer, (int)host.dtype);
        Encode(writer, host.shape.Length);
        foreach (var extent in host.shape)
        {
            Encode(writer, extent);
        }

        writer.Write(host.bytes);
    }

    internal static Tensor LoadTensor(BinaryReader reader)
    {
        var type = (ScalarType)Decode(reader);
        var shape = new long[Decode(reader)];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = Decode(reader);
        }

        var tensor = empty(shape, type);
        reader.BaseStream.ReadExactly(tensor.bytes);
        return tensor;
    }

    private static void Encode(BinaryWriter writer, long value) => writer.Write7BitEncodedInt64(value);

    private static long Decode(BinaryReader reader) => reader.Read7BitEncodedInt64();
}
