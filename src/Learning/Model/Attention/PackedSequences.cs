// N rows, H query heads, G key/value heads, K head dim
using System.Collections.Immutable;
using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>Lays sequences end to end without padding; a row sees its own sequence up to itself.</summary>
public sealed class PackedSequences : AttentionLayout
{
    private readonly long[] _lengths;

    /// <param name="starts">Cumulative starts: 0, then where each next sequence begins, and last the number of rows
    /// (cu_seqlens).</param>
    /// <exception cref="ArgumentException">The starts do not rise from 0, or there is none.</exception>
    public PackedSequences(ImmutableArray<int> starts)
    {
        if (starts.IsDefault || starts.Length < 2 || starts[0] != 0)
        {
            throw new ArgumentException("Sequence starts must be 0, the later starts, and the number of rows.", nameof(starts));
        }

        _lengths = new long[starts.Length - 1];
        for (var i = 0; i < _lengths.Length; i++)
        {
            _lengths[i] = starts[i + 1] - starts[i];
            if (_lengths[i] <= 0)
            {
                throw new ArgumentException($"Sequence {i} has {_lengths[i]} rows; starts must rise strictly.", nameof(starts));
            }
        }

        Starts = starts;
    }

    /// <summary>Where sequence i begins; one entry more than sequences, the last being the number of rows.</summary>
    public ImmutableArray<int> Starts { get; }

    public int SequenceCount => _lengths.Length;

    public override int RowCount => Starts[^1];

    public int MaxLength => (int)_lengths.Max();

    /// <summary>Lays sequences of the given lengths end to end.</summary>
    public static PackedSequences FromLengths(params IEnumerable<int> lengths)
    {
        var starts = ImmutableArray.CreateBuilder<int>();
        starts.Add(0);
        foreach (var length in lengths)
        {
            starts.Add(starts[^1] + length);
        }

        return new PackedSequences(starts.ToImmutable());
    }

    /// <summary>Positions that restart at 0 in every sequence, int64 [N].</summary>
    public Tensor Positions(Device device)
    {
        var positions = new long[RowCount];
        for (var sequence = 0; sequence < SequenceCount; sequence++)
        {
            for (var row = Starts[sequence]; row < Starts[sequence + 1]; row++)
            {
                positions[row] = row - Starts[sequence];
            }
        }

        return tensor(positions, dtype: ScalarType.Int64, device: device);
    }

    public override Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, double scale)
    {
        if (_lengths.Length == 1)
        {
            return BlockAttention.Causal(q_NHK, k_NGK, v_NGK, 0, scale);
        }

        using var scope = NewDisposeScope();
        var (queries, keys, values) = (q_NHK.split(_lengths, 0), k_NGK.split(_lengths, 0), v_NGK.split(_lengths, 0));
        var outputs = new Tensor[_lengths.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = BlockAttention.Causal(queries[i], keys[i], values[i], 0, scale);
        }

        return cat(outputs, 0).MoveToOuterDisposeScope();
    }

    internal override ForestRows DescribeForest() => ForestRows.OfSequences(Starts);
}
