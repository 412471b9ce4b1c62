using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>Collects the arrays of one <see cref="PackedBatch"/> in row order.</summary>
internal sealed class PackedBatchBuilder
{
    private readonly ImmutableArray<int>.Builder _tokenIds = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _positions = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _treeStarts = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _multiplicity = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _edgeRows = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _edgeTargets = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sampleEdges = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sampleStarts = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sampleIndices = ImmutableArray.CreateBuilder<int>();

    public int TokenCount => _tokenIds.Count;

    /// <summary>Starts a sequence and returns its first row.</summary>
    public int BeginSequence()
    {
        _treeStarts.Add(_tokenIds.Count);
        return _tokenIds.Count;
    }

    public void AddRows(ReadOnlySpan<int> tokenIds)
    {
        var start = _treeStarts[^1];
        foreach (var id in tokenIds)
        {
            _positions.Add(_tokenIds.Count - start);
            _tokenIds.Add(id);
            _multiplicity.Add(0);
        }
    }

    /// <summary>Scores a response whose first token is predicted by <paramref name="firstRow"/> and the others by the rows after it.</summary>
    public void AddSample(int index, int firstRow, ReadOnlySpan<int> response)
    {
        for (var row = _treeStarts[^1]; row < firstRow + response.Length; row++)
        {
            _multiplicity[row]++;
        }

        _sampleIndices.Add(index);
        _sampleStarts.Add(_sampleEdges.Count);
        for (var offset = 0; offset < response.Length; offset++)
        {
            _sampleEdges.Add(_edgeRows.Count);
            _edgeRows.Add(firstRow + offset);
            _edgeTargets.Add(response[offset]);
        }
    }

    public PackedBatch Build()
    {
        _treeStarts.Add(_tokenIds.Count);
        _sampleStarts.Add(_sampleEdges.Count);
        return new PackedBatch
        {
            TokenIds = _tokenIds.ToImmutable(),
            Positions = _positions.ToImmutable(),
            TreeStarts = _treeStarts.ToImmutable(),
            KeyEnd = [],
            Multiplicity = _multiplicity.ToImmutable(),
            Cuts = [0, _tokenIds.Count],
            EdgeRows = _edgeRows.ToImmutable(),
            EdgeTargets = _edgeTargets.ToImmutable(),
            SampleEdges = _sampleEdges.ToImmutable(),
            SampleStarts = _sampleStarts.ToImmutable(),
            SampleIndices = _sampleIndices.ToImmutable(),
        };
    }
}
