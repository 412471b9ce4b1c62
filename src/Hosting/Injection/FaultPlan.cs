using System.Collections.Concurrent;

namespace Forge.Hosting.Injection;

/// <summary>
/// Decides the fate of every call from the seed, the method and how often it was called before, so that it depends neither on the clock nor on
/// what other methods do meanwhile. Safe for use by many threads.
/// </summary>
internal sealed class FaultPlan(FaultOptions options)
{
    private const int MostMessages = 8;
    private readonly ConcurrentDictionary<string, StrongCounter> _calls = new(StringComparer.Ordinal);

    public FaultDecision Next(string method)
    {
        if (!options.IsOn || (options.Methods.Length > 0 && !options.Methods.Any(part => method.Contains(part, StringComparison.Ordinal))))
        {
            return default;
        }

        return Of(method, _calls.GetOrAdd(method, _ => new StrongCounter()).Next());
    }

    /// <summary>The fate of a method's n-th call, from 0.</summary>
    internal FaultDecision Of(string method, long n)
    {
        var random = new SplitMix(options.Seed ^ Hash(method) ^ ((ulong)n * 0x9E3779B97F4A7C15));
        var kind = KindOf(random.NextDouble());
        var delay = random.NextDouble() < options.Delay ? options.LongestDelay * random.NextDouble() : TimeSpan.Zero;
        return new FaultDecision(kind, delay, (int)(random.NextDouble() * MostMessages));
    }

    private FaultKind KindOf(double draw)
        => draw < options.Drop ? FaultKind.Drop
            : draw < options.Drop + options.ErrorBefore ? FaultKind.ErrorBefore
            : draw < options.Drop + options.ErrorBefore + options.ErrorAfter ? FaultKind.ErrorAfter
            : FaultKind.None;

    // FNV-1a: string's own hash differs from process to process.
    private static ulong Hash(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 0x100000001B3;
        }

        return hash;
    }

    private sealed class StrongCounter
    {
        private long _count = -1;

        public long Next() => Interlocked.Increment(ref _count);
    }

    private struct SplitMix(ulong seed)
    {
        private ulong _state = seed;

        public double NextDouble()
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
