namespace Forge.Core.Packing.Trees;

/// <summary>The tokens that one sequence was the first to bring: they hang, as one chain, on a token of an earlier strand.</summary>
/// <param name="Owner">The sequence that brought it.</param>
/// <param name="Depth">Position of its first token.</param>
/// <param name="Start">Where its tokens begin among those of all strands.</param>
/// <param name="Length">Its number of tokens, at least 1.</param>
/// <param name="Attach">The token (counted over all strands) that it hangs on; negative at a root.</param>
/// <param name="NextAlike">Another strand whose first token and hash are the same but whose routing differs; −1 ends the list.</param>
internal readonly record struct Strand(int Owner, int Depth, int Start, int Length, int Attach, int NextAlike);
