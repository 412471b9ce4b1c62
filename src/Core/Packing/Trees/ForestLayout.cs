using System.Runtime.InteropServices;

namespace Forge.Core.Packing.Trees;

/// <summary>
/// Lays strands out in depth-first preorder. A strand came before everything that hangs on it, so below each of its tokens the
/// strand itself goes on first: its tokens are contiguous rows, then follow the strands that hang on it, the deepest first.
/// </summary>
internal sealed class ForestLayout
{
    private readonly int[] _tokenIds;
    private readonly int[] _positions;
    private readonly int[] _parents;
    private readonly short[] _routing;
    private readonly int[] _rowOfToken;
    private readonly int[] _endRows;
    private readonly List<int> _treeStarts = [];
    private bool _hasBranches;

    public ForestLayout(StrandSet strands)
    {
        var count = strands.Tokens.Length;
        (_tokenIds, _positions, _parents, _rowOfToken) = (new int[count], new int[count], new int[count], new int[count]);
        _routing = new short[count * strands.RoutingWidth];
        Place(strands);
        _treeStarts.Add(count);
        _endRows = Array.ConvertAll(strands.Ends, token => token < 0 ? -1 : _rowOfToken[token]);
    }

    public PrefixForest ToForest()
    {
        var (keyEnd, multiplicity) = Accumulate();
        return new PrefixForest
        {
            TokenIds = ImmutableCollectionsMarshal.AsImmutableArray(_tokenIds),
            Positions = ImmutableCollectionsMarshal.AsImmutableArray(_positions),
            Parents = ImmutableCollectionsMarshal.AsImmutableArray(_parents),
            KeyEnd = ImmutableCollectionsMarshal.AsImmutableArray(keyEnd),
            Multiplicity = ImmutableCollectionsMarshal.AsImmutableArray(multiplicity),
            Routing = ImmutableCollectionsMarshal.AsImmutableArray(_routing),
            TreeStarts = [.. _treeStarts],
            EndRows = ImmutableCollectionsMarshal.AsImmutableArray(_endRows),
            HasBranches = _hasBranches,
        };
    }

    private void Place(StrandSet set)
    {
        var strands = set.Strands;
        var (roots, lastOnToken, before) = Hangings(set);
        var waiting = new Stack<int>(roots);
        for (var row = 0; waiting.TryPop(out var index);)
        {
            var strand = strands[index];
            PlaceRows(set, strand, row);
            row += strand.Length;
            for (var token = strand.Start; token < strand.Start + strand.Length; token++)
            {
                for (var hanging = lastOnToken[token]; hanging >= 0; hanging = before[hanging])
                {
                    waiting.Push(hanging);
                }
            }
        }
    }

    // Per token the last strand that hangs on it, and per strand the one before it on the same token: pushed in this order, the
    // first comes off the stack first.
    private static (List<int> Roots, int[] LastOnToken, int[] Before) Hangings(StrandSet set)
    {
        var lastOnToken = new int[set.Tokens.Length];
        var before = new int[set.Strands.Length];
        var roots = new List<int>();
        lastOnToken.AsSpan().Fill(-1);
        for (var index = 0; index < before.Length; index++)
        {
            var attach = set.Strands[index].Attach;
            if (attach < 0)
            {
                roots.Add(index);
                continue;
            }

            before[index] = lastOnToken[attach];
            lastOnToken[attach] = index;
        }

        roots.Reverse();
        return (roots, lastOnToken, before);
    }

    private void PlaceRows(StrandSet set, in Strand strand, int start)
    {
        set.Tokens.Slice(strand.Start, strand.Length).CopyTo(_tokenIds.AsSpan(start));
        for (var offset = 0; offset < strand.Length; offset++)
        {
            _positions[start + offset] = strand.Depth + offset;
            _parents[start + offset] = start + offset - 1;
            _rowOfToken[strand.Start + offset] = start + offset;
        }

        if (strand.Attach < 0)
        {
            _parents[start] = -1;
            _treeStarts.Add(start);
        }
        else
        {
            _parents[start] = _rowOfToken[strand.Attach];
            _hasBranches |= _parents[start] != start - 1;
        }

        if (set.RoutingWidth > 0)
        {
            set.CopyRouting(strand, _routing.AsSpan(start * set.RoutingWidth, strand.Length * set.RoutingWidth));
        }
    }

    // Children stand after their parent, so one backward sweep has each row's sums complete before it hands them up.
    private (int[] KeyEnd, int[] Multiplicity) Accumulate()
    {
        var (keyEnd, multiplicity) = (new int[_tokenIds.Length], new int[_tokenIds.Length]);
        foreach (var row in _endRows)
        {
            if (row >= 0)
            {
                multiplicity[row]++;
            }
        }

        for (var row = keyEnd.Length - 1; row >= 0; row--)
        {
            keyEnd[row] = Math.Max(keyEnd[row], row + 1);
            if (_parents[row] is >= 0 and var parent)
            {
                keyEnd[parent] = Math.Max(keyEnd[parent], keyEnd[row]);
                multiplicity[parent] += multiplicity[row];
            }
        }

        return (keyEnd, multiplicity);
    }
}
