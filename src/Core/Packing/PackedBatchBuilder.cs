using System.Collections.Immutable;

namespace Forge.Core.Packing;

/// <summary>Collects the arrays of one <see cref="PackedBatch"/> in row order.</summary>
internal sealed class PackedBatchBuilder
{
    private readonly ImmutableArray<int>.Builder _tokenIds = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _positions = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sequenceStarts = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _edgeRows = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _edgeTargets = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sampleEdges = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sampleStarts = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder _sampleIndices = ImmutableArray.CreateBuilder<int>();

    public int TokenCount => _tokenIds.Count;

    /// <summary>Starts a sequence and returns its first row.</summary>
    public int BeginSequence()
    {
        _sequenceStarts.Add(_tokenIds.Count);
        return _tokenIds.Count;
    }

    public void AddRows(ReadOnlySpan<int> tokenIds)
    {
        var start = _sequenceStarts[^1];
        foreach (var id in tokenIds)
        {
            _positions.Add(_tokenIds.Count - start);
            _tokenIds.Add(id);
        }
    }

    /// <summary>Scores a response whose first token is predicted by <paramref name="firstRow"/> and the others by the rows after it.</summary>
    public void AddSample(int index, int firstRow, ReadOnlySpan<int> response)
    {
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
        _sequenceStarts.Add(_tokenIds.Count);
        _sampleStarts.Add(_sampleEdges.Count);
        return new PackedBatch
        {
            TokenIds = _tokenIds.ToImmutable(),
            Positions = _positions.ToImmutable(),
            SequenceStarts = _sequenceStarts.ToImmutable(),
            EdgeRows = _edgeRows.ToImmutable(),
            EdgeTargets = _edgeTargets.ToImmutable(),
            SampleEdges = _sampleEdges.ToImmutable(),
            SampleStarts = _sampleStarts.ToImmutable(),
            SampleIndices = _sampleIndices.ToImmutable(),
        };
    }
}
