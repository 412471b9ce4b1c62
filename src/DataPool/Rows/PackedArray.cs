using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Forge.Core.Ring;

namespace Forge.DataPool.Rows;

/// <summary>Turns arrays into little-endian bytes and back. Every platform that .NET 10 runs on is little-endian.</summary>
internal static class PackedArray
{
    public static bool FitShort(ImmutableArray<int> ids)
    {
        var all = 0;
        foreach (var id in ids.AsSpan())
        {
            all |= id;
        }

        // A negative id has the highest bit too.
        return (all & ~ushort.MaxValue) == 0;
    }

    public static byte[] FromInts(ImmutableArray<int> values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static byte[] FromShorts(ImmutableArray<int> values)
    {
        var bytes = new byte[sizeof(ushort) * values.AsSpan().Length];
        var shorts = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        for (var index = 0; index < shorts.Length; index++)
        {
            shorts[index] = (ushort)values[index];
        }

        return bytes;
    }

    public static byte[] FromFloats(ImmutableArray<float> values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static byte[] FromRewards(ImmutableArray<StepReward> rewards)
        => MemoryMarshal.AsBytes<double>(rewards.IsDefaultOrEmpty ? [] : [.. rewards.SelectMany(Components)]).ToArray();

    public static ImmutableArray<int> ToInts(byte[] bytes) => [.. MemoryMarshal.Cast<byte, int>(bytes)];

    public static ImmutableArray<int> FromShortsToInts(byte[] bytes)
    {
        var shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
        var values = new int[shorts.Length];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = shorts[index];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    public static ImmutableArray<float> ToFloats(byte[] bytes) => [.. MemoryMarshal.Cast<byte, float>(bytes)];

    public static ImmutableArray<StepReward> ToRewards(byte[] bytes)
        => [.. MemoryMarshal.Cast<byte, double>(bytes).ToArray().Chunk(3).Select(part => new StepReward(part[0], part[1], part[2]))];

    /// <summary>Versions change a few times within a completion at most: pairs (version, how many tokens), both int64.</summary>
    public static byte[] FromVersions(ImmutableArray<long> versions)
    {
        var runs = new List<long>();
        for (var start = 0; start < versions.AsSpan().Length;)
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

    private static IEnumerable<double> Components(StepReward reward) => [reward.Process, reward.Speed, reward.Outcome];
}
