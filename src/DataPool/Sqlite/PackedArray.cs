using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Forge.DataPool.Sqlite;

/// <summary>Turns arrays into little-endian bytes and back. Every platform that .NET 10 runs on is little-endian.</summary>
internal static class PackedArray
{
    public static byte[] FromInts(ImmutableArray<int> values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static byte[] FromFloats(ImmutableArray<float> values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static ImmutableArray<int> ToInts(byte[] bytes) => [.. MemoryMarshal.Cast<byte, int>(bytes)];

    public static ImmutableArray<float> ToFloats(byte[] bytes) => [.. MemoryMarshal.Cast<byte, float>(bytes)];

    /// <summary>Versions change a few times within a completion at most: pairs (version, how many tokens), both int64.</summary>
    public static byte[] FromVersions(ImmutableArray<long> versions)
    {
        var runs = new List<long>();
        for (var start = 0; start < versions.Length;)
        {
            var end = start + 1;
            while (end < versions.Length && versions[end] == versions[start])
            {
                end++;
            }

            runs.Add(versions[start]);
            runs.Add(end - start);
            start = end;
        }

        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(runs)).ToArray();
    }

    public static ImmutableArray<long> ToVersions(byte[] bytes)
    {
        var runs = MemoryMarshal.Cast<byte, long>(bytes);
        var versions = ImmutableArray.CreateBuilder<long>();
        for (var index = 0; index + 1 < runs.Length; index += 2)
        {
            versions.AddRange(Enumerable.Repeat(runs[index], checked((int)runs[index + 1])));
        }

        return versions.ToImmutable();
    }
}
