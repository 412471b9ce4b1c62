using Forge.Core.Text.Tokenization;

namespace Forge.Core.Text.Training;

/// <summary>Counts how often each piece occurs.</summary>
internal readonly ref struct PieceCounter(Dictionary<string, int> counts) : IPieceConsumer
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _counts =
        counts.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Take(ReadOnlySpan<char> piece)
    {
        _counts.TryGetValue(piece, out var count);
        _counts[piece] = count + 1;
    }
}
