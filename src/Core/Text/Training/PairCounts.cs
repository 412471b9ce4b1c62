using System.Text;

namespace Forge.Core.Text.Training;

/// <summary>
/// The pieces as lists of ids, with the count of every adjacent pair kept up to date while pairs are merged. The most
/// frequent pair is found through a queue; of equal pairs the one with the lower ids comes first, so that training
/// does not depend on the order of the texts.
/// </summary>
internal sealed class PairCounts
{
    private readonly List<int[]> _pieces = [];
    private readonly List<int> _weights = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _queue = new();

    public PairCounts(IEnumerable<KeyValuePair<string, int>> pieces, IReadOnlyList<int> byteIds)
    {
        foreach (var (piece, weight) in pieces)
        {
            _pieces.Add([.. Encoding.UTF8.GetBytes(piece).Select(value => byteIds[value])]);
            _weights.Add(weight);
            Count(_pieces.Count - 1, sign: 1);
        }

        foreach (var pair in _counts.Keys)
        {
            Enqueue(pair);
        }
    }

    /// <summary>The most frequent pair; false when none occurs often enough.</summary>
    public bool TryTakeMostFrequent(int minimumFrequency, out (int Left, int Right) pair)
    {
        while (_queue.TryDequeue(out pair, out var priority))
        {
            var count = _counts.GetValueOrDefault(pair);
            if (count != -priority.NegativeCount)
            {
                // Merging other pairs lowered it since it was queued; a raised one was queued again.
                if (count > 0 && count < -priority.NegativeCount)
                {
                    Enqueue(pair);
                }
            }
            else
            {
                return count >= minimumFrequency;
            }
        }

        return false;
    }

    /// <summary>Replaces a pair by a new id, left to right, wherever it occurs.</summary>
    public void Merge((int Left, int Right) pair, int merged)
    {
        var touched = new HashSet<(int Left, int Right)>();
        foreach (var place in _places[pair].Order().ToArray())
        {
            touched.UnionWith(PairsOf(_pieces[place]));
            Count(place, sign: -1);
            _pieces[place] = Replace(_pieces[place], pair, merged);
            Count(place, sign: 1);
            touched.UnionWith(PairsOf(_pieces[place]));
        }

        _counts.Remove(pair);
        _places.Remove(pair);
        touched.Remove(pair);
        foreach (var other in touched)
        {
            Enqueue(other);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        if (_counts.GetValueOrDefault(pair) is > 0 and var count)
        {
            _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
        }
    }

    private void Count(int place, int sign)
    {
        foreach (var pair in PairsOf(_pieces[place]))
        {
            _counts[pair] = _counts.GetValueOrDefault(pair) + (sign * _weights[place]);
            if (!_places.TryGetValue(pair, out var places))
            {
                _places[pair] = places = [];
            }

            _ = sign > 0 ? places.Add(place) : places.Remove(place);
        }
    }

    private static IEnumerable<(int Left, int Right)> PairsOf(int[] piece) => piece.Zip(piece.Skip(1));

    private static int[] Replace(int[] piece, (int Left, int Right) pair, int merged)
    {
        var output = new List<int>(piece.Length);
        for (var i = 0; i < piece.Length; i++)
        {
            if (i + 1 < piece.Length && (piece[i], piece[i + 1]) == pair)
            {
                output.Add(merged);
                i++;
            }
            else
            {
                output.Add(piece[i]);
            }
        }

        return [.. output];
    }
}
