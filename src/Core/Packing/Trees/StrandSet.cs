using System.Runtime.InteropServices;

namespace Forge.Core.Packing.Trees;

/// <summary>
/// Splits sequences into strands: each follows what earlier sequences brought as far as it agrees, and the rest is a strand of its
/// own. A strand is compared as one span and never split again, so a sequence costs its length plus one look-up per branch it takes.
/// </summary>
internal sealed class StrandSet
{
    private readonly Dictionary<BranchKey, int> _branches = [];
    private readonly List<Strand> _strands = [];
    private readonly List<int> _tokens = [];
    private readonly IReadOnlyList<ForestSequence> _sequences;
    private readonly short[] _afresh;

    public StrandSet(IReadOnlyList<ForestSequence> sequences, int routingWidth)
    {
        _sequences = sequences;
        _afresh = new short[routingWidth];
        _afresh.AsSpan().Fill(-1);
        Ends = new int[sequences.Count];
        for (var index = 0; index < Ends.Length; index++)
        {
            Ends[index] = Insert(index);
        }
    }

    /// <summary>In the order in which the sequences brought them.</summary>
    public ReadOnlySpan<Strand> Strands => CollectionsMarshal.AsSpan(_strands);

    /// <summary>The tokens of all strands, strand after strand.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>The last token of each sequence, counted over all strands; −1 for an empty one.</summary>
    public int[] Ends { get; }

    public int RoutingWidth => _afresh.Length;

    /// <summary>Writes a strand's routing [Length × width].</summary>
    public void CopyRouting(in Strand strand, Span<short> routing)
    {
        var source = _sequences[strand.Owner].Routing.Span;
        if (source.IsEmpty)
        {
            routing.Fill(-1);
        }
        else
        {
            source.Slice(strand.Depth * RoutingWidth, routing.Length).CopyTo(routing);
        }
    }

    private int Insert(int index)
    {
        var sequence = _sequences[index];
        if (sequence.Length == 0)
        {
            return -1;
        }

        var attach = -1 - sequence.Root;
        for (var depth = 0; depth < sequence.Length;)
        {
            var key = new BranchKey(attach, sequence.TokenAt(depth), HashOf(RouteAt(sequence, depth)));
            var known = _branches.TryGetValue(key, out var first);
            if (!known || !TryFind(first, sequence, depth, out var strand))
            {
                _branches[key] = _strands.Count;
                return Add(index, depth, attach, known ? first : -1);
            }

            var common = CommonLength(strand, sequence, depth);
            depth += common;
            attach = strand.Start + common - 1;
        }

        return attach;
    }

    private bool TryFind(int first, in ForestSequence sequence, int depth, out Strand strand)
    {
        for (var candidate = first; candidate >= 0; candidate = strand.NextAlike)
        {
            strand = _strands[candidate];
            if (RouteAt(_sequences[strand.Owner], depth).SequenceEqual(RouteAt(sequence, depth)))
            {
                return true;
            }
        }

        strand = default;
        return false;
    }

    private int Add(int owner, int depth, int attach, int nextAlike)
    {
        var start = _tokens.Count;
        _sequences[owner].AppendTo(_tokens, depth);
        _strands.Add(new Strand(owner, depth, start, _tokens.Count - start, attach, nextAlike));
        return _tokens.Count - 1;
    }

    private int CommonLength(in Strand strand, in ForestSequence sequence, int depth)
    {
        var common = sequence.CommonLength(depth, Tokens.Slice(strand.Start, strand.Length));
        return RoutingWidth == 0 ? common : CommonRoutes(_sequences[strand.Owner].Routing.Span, sequence.Routing.Span, depth, common);
    }

    private int CommonRoutes(ReadOnlySpan<short> known, ReadOnlySpan<short> added, int depth, int count)
    {
        if (known.IsEmpty && added.IsEmpty)
        {
            return count;
        }

        var (start, length) = (depth * RoutingWidth, count * RoutingWidth);
        int common;
        if (known.IsEmpty || added.IsEmpty)
        {
            var recorded = (known.IsEmpty ? added : known).Slice(start, length);
            common = recorded.IndexOfAnyExcept((short)-1);
            common = common < 0 ? length : common;
        }
        else
        {
            common = known.Slice(start, length).CommonPrefixLength(added.Slice(start, length));
        }

        return common / RoutingWidth;
    }

    private ReadOnlySpan<short> RouteAt(in ForestSequence sequence, int depth)
        => sequence.Routing.IsEmpty ? _afresh : sequence.Routing.Span.Slice(depth * RoutingWidth, RoutingWidth);

    private static int HashOf(ReadOnlySpan<short> route)
    {
        if (route.IsEmpty)
        {
            return 0;
        }

        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(route));
        return hash.ToHashCode();
    }
}
