using System.Text;

namespace Forge.AgentSide.Environments;

/// <summary>
/// Draws random numbers from a 64-bit seed by SplitMix64 (Steele, Lea, Flood 2014): the same on every machine and every .NET version.
/// A mutable struct: pass it by reference.
/// </summary>
public struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Combines seeds into one; the order matters, and neighbouring inputs give unrelated outputs.</summary>
    public static ulong Combine(params ReadOnlySpan<ulong> parts)
    {
        var hash = 0x243F6A8885A308D3UL;
        foreach (var part in parts)
        {
            hash = Mix((hash * 0x9E3779B97F4A7C15UL) ^ Mix(part + 0x9E3779B97F4A7C15UL));
        }

        return hash;
    }

    /// <summary>Hashes a text (FNV-1a over its UTF-8 bytes, then mixed); stable across runs, unlike <c>string.GetHashCode</c>.</summary>
    public static ulong Hash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hash = 0xCBF29CE484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 0x100000001B3UL;
        }

        return Mix(hash);
    }

    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15UL;
        return Mix(_state);
    }

    /// <summary>Draws from [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws from [0, <paramref name="exclusiveMaximum"/>); the bias is below 2⁻³² for the small ranges used here.</summary>
    public int Next(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMaximum, 1);
        return (int)(((UInt128)NextUInt64() * (ulong)exclusiveMaximum) >> 64);
    }

    public int Next(int minimum, int exclusiveMaximum) => minimum + Next(exclusiveMaximum - minimum);

    /// <summary>Puts the items into a uniformly random order (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
