using System.Runtime.InteropServices;

namespace Forge.Core.Packing.Trees;

/// <summary>Token ids that are merged with others by their common beginnings: two parts end to end, so that prompt and response need no copy.</summary>
/// <param name="Head">The first tokens; may be empty.</param>
/// <param name="Tail">The tokens after them; may be empty.</param>
public readonly record struct ForestSequence(ReadOnlyMemory<int> Head, ReadOnlyMemory<int> Tail)
{
    /// <summary>[Length × width] What else a token's row depends on (the experts to replay); empty stands for −1 everywhere.</summary>
    public ReadOnlyMemory<short> Routing { get; init; }

    /// <summary>Sequences share rows only under the same root; at least 0.</summary>
    public int Root { get; init; }

    public int Length => Head.Length + Tail.Length;

    /// <summary>What a forward pass is fed for a sample: the prompt and the response without its last token.</summary>
    public static ForestSequence Fed(TrainingSample sample, int root) => new(sample.PromptIds.AsMemory(), sample.ResponseIds.AsMemory()[..^1])
    {
        Routing = RoutingOf(sample),
        Root = root,
    };

    /// <summary>The token at a depth.</summary>
    public int TokenAt(int depth) => depth < Head.Length ? Head.Span[depth] : Tail.Span[depth - Head.Length];

    /// <summary>How many tokens from <paramref name="depth"/> on equal the first of <paramref name="tokens"/>.</summary>
    public int CommonLength(int depth, ReadOnlySpan<int> tokens)
    {
        var head = Head.Span[Math.Min(depth, Head.Length)..];
        var common = head.CommonPrefixLength(tokens);
        return common < head.Length
            ? common
            : common + Tail.Span[Math.Max(0, depth - Head.Length)..].CommonPrefixLength(tokens[common..]);
    }

    /// <summary>Appends the tokens from <paramref name="depth"/> on.</summary>
    public void AppendTo(List<int> tokens, int depth)
    {
        tokens.AddRange(Head.Span[Math.Min(depth, Head.Length)..]);
        tokens.AddRange(Tail.Span[Math.Max(0, depth - Head.Length)..]);
    }

    private static ReadOnlyMemory<short> RoutingOf(TrainingSample sample)
        => ImmutableCollectionsMarshal.AsArray(sample.RoutedExperts);
}
