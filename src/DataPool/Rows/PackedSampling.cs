using System.Collections.Immutable;
using System.Text.Json;
using Forge.Core.Ring;

namespace Forge.DataPool.Rows;

/// <summary>Sampling parameters in a fixed order, small whole numbers in few bytes.</summary>
internal static class PackedSampling
{
    public static byte[] From(SamplingParameters sampling)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(sampling.Temperature);
        writer.Write(sampling.TopP);
        writer.Write7BitEncodedInt(sampling.TopK);
        writer.Write(sampling.Seed);
        writer.Write7BitEncodedInt(sampling.MaxNewTokens);
        writer.Write7BitEncodedInt(sampling.StopTokenIds.AsSpan().Length);
        foreach (var id in sampling.StopTokenIds.AsSpan())
        {
            writer.Write7BitEncodedInt(id);
        }

        return bytes.ToArray();
    }

    public static SamplingParameters To(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed));
        return new SamplingParameters
        {
            Temperature = reader.ReadDouble(),
            TopP = reader.ReadDouble(),
            TopK = reader.Read7BitEncodedInt(),
            Seed = reader.ReadUInt64(),
            MaxNewTokens = reader.Read7BitEncodedInt(),
            StopTokenIds = ReadIds(reader),
        };
    }

    /// <summary>As schema 1 of pool.db wrote them.</summary>
    public static SamplingParameters FromJson(string json) => JsonSerializer.Deserialize<SamplingParameters>(json)!;

    private static ImmutableArray<int> ReadIds(BinaryReader reader)
    {
        var ids = new int[reader.Read7BitEncodedInt()];
        for (var index = 0; index < ids.Length; index++)
        {
            ids[index] = reader.Read7BitEncodedInt();
        }

        return [.. ids];
    }
}
