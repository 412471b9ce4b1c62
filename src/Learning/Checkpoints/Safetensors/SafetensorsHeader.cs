using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Faults;

namespace Forge.Learning.Checkpoints.Safetensors;

/// <summary>
/// Reads the head of a safetensors file: 8 bytes of length (little endian), then JSON. Nothing in it is believed before
/// it is
/// checked: lengths, dtypes, shapes, bounds, gaps and overlaps.
/// </summary>
/// <param name="Entries">Tensors in the order of their bytes.</param>
/// <param name="Metadata">The free texts under <c>__metadata__</c>.</param>
/// <param name="DataStart">Where the tensors' bytes begin in the file.</param>
public sealed record SafetensorsHeader(
    ImmutableArray<SafetensorsEntry> Entries,
    ImmutableDictionary<string, string> Metadata,
    long DataStart)
{
    // The limit of the format's own library; a longer header is damage or an attack on memory.
    private const long MaxHeaderBytes = 100_000_000;
    private const int LengthBytes = 8;

    /// <param name="stream">The file, at its beginning.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <param name="path">Names the file in messages.</param>
    /// <exception cref="ForgeException">The header is damaged; the message says where and how.</exception>
    public static SafetensorsHeader Read(Stream stream, long fileLength, string path)
    {
        var length = ReadLength(stream, fileLength, path);
        var json = new byte[length];
        stream.ReadExactly(json);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Interpret(document.RootElement, LengthBytes + length, fileLength, path);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Names that are not Unicode text only show when they are read.
            throw Damaged(path, $"its header is not valid JSON ({error.Message})", error);
        }
    }

    private static long ReadLength(Stream stream, long fileLength, string path)
    {
        if (fileLength < LengthBytes)
        {
            throw Damaged(path, $"it has {fileLength} bytes, less than the length of a header");
        }

        Span<byte> prefix = stackalloc byte[LengthBytes];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        return length <= MaxHeaderBytes && length <= (ulong)(fileLength - LengthBytes)
            ? (long)length
            : throw Damaged(path, $"it announces a header of {length} bytes in a file of {fileLength}");
    }

    private static SafetensorsHeader Interpret(JsonElement root, long dataStart, long fileLength, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Damaged(path, "its header is not a JSON object");
        }

        var entries = new List<SafetensorsEntry>();
        var metadata = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name != "__metadata__")
            {
                entries.Add(Entry(property.Name, property.Value, path));
                continue;
            }

            foreach (var text in Texts(property.Value, path))
            {
                metadata.Add(text);
            }
        }

        entries.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        CheckTiling(entries, fileLength - dataStart, path);
        return new SafetensorsHeader([.. entries], metadata.ToImmutable(), dataStart);
    }

    private static IEnumerable<KeyValuePair<string, string>> Texts(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(text => text.Value.ValueKind != JsonValueKind.String))
        {
            throw Damaged(path, "__metadata__ is not a map of texts");
        }

        return value.EnumerateObject().Select(text => KeyValuePair.Create(text.Name, text.Value.GetString()!));
    }

    private static SafetensorsEntry Entry(string name, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtypeName) || dtypeName.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shapeList) || Longs(shapeList) is not { } shape
            || !value.TryGetProperty("data_offsets", out var offsetList) || Longs(offsetList) is not [var begin, var end])
        {
            throw Damaged(path, $"the entry of '{name}' lacks a valid dtype, shape or data_offsets");
        }

        var dtype = SafetensorsDtype.Find(dtypeName.GetString()!)
            ?? throw Damaged(path, $"'{name}' has the unknown dtype {dtypeName.GetString()}");
        if (begin > end || ByteCount(shape, dtype) != end - begin)
        {
            throw Damaged(path, $"'{name}' has the offsets {begin} … {end}, which do not fit {dtype.Name} [{string.Join(", ", shape)}]");
        }

        return new SafetensorsEntry(name, dtype, [.. shape], begin, end);
    }

    // Null unless the element is a list of whole numbers that are not negative.
    private static long[]? Longs(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var values = new long[list.GetArrayLength()];
        var i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out values[i]) || values[i] < 0)
            {
                return null;
            }

            i++;
        }

        return values;
    }

    // Null when the product overflows: no file is that large.
    private static long? ByteCount(long[] shape, SafetensorsDtype dtype)
    {
        try
        {
            return shape.Aggregate((long)dtype.Size, (product, size) => checked(product * size));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    // The tensors must cover the data exactly: a gap can hide anything, an overlap makes one tensor change another.
    private static void CheckTiling(List<SafetensorsEntry> entries, long dataLength, string path)
    {
        var next = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != next)
            {
                var kind = entry.Begin < next ? "overlaps the tensor before it" : "leaves a gap before it";
                throw Damaged(path, $"'{entry.Name}' begins at byte {entry.Begin}, expected {next}: it {kind}");
            }

            next = entry.End;
        }

        if (next != dataLength)
        {
            throw Damaged(path, $"its tensors need {next} bytes, but {dataLength} follow the header");
        }
    }

    private static ForgeException Damaged(string path, string what, Exception? cause = null)
        => new($"{path} is not a sound safetensors file: {what}. Fetch or write it again.", cause);
}
