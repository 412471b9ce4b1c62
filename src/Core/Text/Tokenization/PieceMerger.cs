namespace Forge.Core.Text.Tokenization;

/// <summary>
/// Merges one piece's bytes into tokens: always the pair of lowest rank, the leftmost among equals.
/// Short pieces are scanned again for each merge (at most <see cref="ShortPiece"/> ids, in registers and one cache
/// line or two); long ones use a queue, O(n log n).
/// </summary>
internal sealed class PieceMerger(int[] byteIds, MergeTable merges)
{
    private const int ShortPiece = 40;

    public void Merge(ReadOnlySpan<byte> piece, List<int> output)
    {
        if (piece.Length <= ShortPiece)
        {
            MergeShort(piece, output);
        }
        else
        {
            MergeLong(piece, output);
        }
    }

    private void MergeShort(ReadOnlySpan<byte> piece, List<int> output)
    {
        Span<int> ids = stackalloc int[ShortPiece];
        Span<int> ranks = stackalloc int[ShortPiece];
        Span<int> results = stackalloc int[ShortPiece];
        var count = piece.Length;
        for (var i = 0; i < count; i++)
        {
            ids[i] = byteIds[piece[i]];
        }

        for (var i = 0; i + 1 < count; i++)
        {
            ranks[i] = merges.Rank(ids[i], ids[i + 1], out results[i]);
        }

        while (count > 1)
        {
            var best = IndexOfLowest(ranks[..(count - 1)]);
            if (ranks[best] == MergeTable.NoMerge)
            {
                break;
            }

            ids[best] = results[best];
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            results[(best + 1)..count].CopyTo(results[best..]);
            if (best > 0)
            {
                ranks[best - 1] = merges.Rank(ids[best - 1], ids[best], out results[best - 1]);
            }

            if (best + 1 < count)
            {
                ranks[best] = merges.Rank(ids[best], ids[best + 1], out results[best]);
            }
        }

        foreach (var id in ids[..count])
        {
            output.Add(id);
        }
    }

    private static int IndexOfLowest(ReadOnlySpan<int> ranks)
    {
        var best = 0;
        for (var i = 1; i < ranks.Length; i++)
        {
            if (ranks[i] < ranks[best])
            {
                best = i;
            }
        }

        return best;
    }

    // A linked list of ids in arrays (dead nodes have length 0) and a queue of candidate pairs; a candidate whose
    // nodes changed since it was queued no longer finds its two ids side by side and is dropped.
    private void MergeLong(ReadOnlySpan<byte> piece, List<int> output)
    {
        var count = piece.Length;
        var ids = new int[count];
        var next = new int[count];
        var previous = new int[count];
        for (var i = 0; i < count; i++)
        {
            (ids[i], next[i], previous[i]) = (byteIds[piece[i]], i + 1, i - 1);
        }

        next[count - 1] = -1;
        var queue = new PriorityQueue<(int At, int Left, int Right, int Result), long>();
        for (var i = 0; i + 1 < count; i++)
        {
            Enqueue(i);
        }

        while (queue.TryDequeue(out var pair, out _))
        {
            var right = ids[pair.At] == pair.Left ? next[pair.At] : -1;
            if (right < 0 || ids[right] != pair.Right)
            {
                continue;
            }

            ids[pair.At] = pair.Result;
            ids[right] = -1;
            next[pair.At] = next[right];
            if (next[right] >= 0)
            {
                previous[next[right]] = pair.At;
                Enqueue(pair.At);
            }

            if (previous[pair.At] >= 0)
            {
                Enqueue(previous[pair.At]);
            }
        }

        for (var i = 0; i >= 0; i = next[i])
        {
            output.Add(ids[i]);
        }

        void Enqueue(int at)
        {
            var rank = merges.Rank(ids[at], ids[next[at]], out var result);
            if (rank != MergeTable.NoMerge)
            {
                queue.Enqueue((at, ids[at], ids[next[at]], result), ((long)rank << 32) | (uint)at);
            }
        }
    }
}
