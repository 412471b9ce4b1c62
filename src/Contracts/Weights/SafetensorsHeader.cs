using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.Contracts.Weights;

/// <summary>Writes and reads what stands before the bytes in a safetensors file: the header's length (8 bytes), then JSON with every tensor's place.</summary>
internal static class SafetensorsHeader
{
    // The format's own bound.
    public const long MostBytes = 100_000_000;

    /// <summary>The header of these tensors, in their order; the same tensors give the same bytes.</summary>
    public static byte[] Write(ImmutableArray<WeightTensor> tensors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.DType);
                WriteNumbers(json, "shape", [.. tensor.Shape]);
                WriteNumbers(json, "data_offsets", [offset, offset + tensor.Data.Length]);
                json.WriteEndObject();
                offset += tensor.Data.Length;
            }

            json.WriteEndObject();
        }

        // Spaces at the end align the data, as the format's own writers do.
        var length = (buffer.WrittenCount + 7) / 8 * 8;
        var header = new byte[8 + length];
        header.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        buffer.WrittenSpan.CopyTo(header.AsSpan(8));
        return header;
    }

    /// <summary>Reads where each tensor lies, in the order of the bytes.</summary>
    /// <exception cref="TornTransferException">It is no such header.</exception>
    public static ImmutableArray<TensorPlace> Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            return [.. document.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").Select(Place).OrderBy(place => place.Start)];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TornTransferException($"The weights' safetensors header can't be read: {error.Message}", error);
        }
    }

    private static TensorPlace Place(JsonProperty entry)
    {
        var offsets = entry.Value.GetProperty("data_offsets");
        return new TensorPlace(
            entry.Name,
            entry.Value.GetProperty("dtype").GetString() ?? "",
            [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())],
            offsets[0].GetInt64(),
            offsets[1].GetInt64());
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
