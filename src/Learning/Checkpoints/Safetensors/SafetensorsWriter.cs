using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Storage;
using static TorchSharp.torch;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>Writes tensors as one safetensors file, whole or not at all.</summary>
public static class SafetensorsWriter
{
    // Readers may map the file: the data then begins at a multiple of the widest element.
    private const int Alignment = 8;

    /// <summary>Writes the tensors in their own dtypes, wider elements first, then by name.</summary>
    /// <param name="path">Replaced only when the new file is complete and on the disk.</param>
    /// <param name="tensors">Unique names; any device.</param>
    /// <param name="metadata">Free texts kept in the header.</param>
    /// <exception cref="IOException">The disk is full or not writable; an earlier file stays as it was.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
        => Write(path, [.. tensors.Select(named => StoredTensor.Of(named.Key, named.Value))], metadata);

    internal static void Write(
        string path, IReadOnlyCollection<StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(tensor => tensor.Dtype.Size).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)
            .ToImmutableArray();
        var header = Header(ordered, metadata);
        DurableFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in ordered)
            {
                tensor.WriteTo(stream);
            }
        });
    }

    private static byte[] Header(ImmutableArray<StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            WriteJson(json, tensors, metadata);
        }

        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        var header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - sizeof(ulong)));
        return header;
    }

    private static void WriteJson(
        Utf8JsonWriter json, ImmutableArray<StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        json.WriteStartObject();
        json.WriteStartObject("__metadata__");
        json.WriteString("format", "pt");
        foreach (var (key, value) in metadata ?? ImmutableDictionary<string, string>.Empty)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Dtype.Name);
            WriteNumbers(json, "shape", tensor.Shape);
            WriteNumbers(json, "data_offsets", [offset, offset + tensor.ByteCount]);
            json.WriteEndObject();
            offset += tensor.ByteCount;
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
