namespace Forge.Core.Text.Tokenization;

/// <summary>Takes the pieces of a text one after the other.</summary>
internal interface IPieceConsumer
{
    void Take(ReadOnlySpan<char> piece);
}
