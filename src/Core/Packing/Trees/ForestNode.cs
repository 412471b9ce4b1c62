namespace Forge.Core.Packing.Trees;

/// <summary>A run of rows that the same sequences share: it ends where the tree branches or a sequence ends.</summary>
/// <param name="Parent">Number of the node that it continues; −1 at a root.</param>
/// <param name="Start">Its first row.</param>
/// <param name="End">One past its last row.</param>
/// <param name="StartPosition">Position of its first row on the path from the root.</param>
/// <param name="Multiplicity">How many sequences go through it.</param>
public readonly record struct ForestNode(int Parent, int Start, int End, int StartPosition, int Multiplicity)
{
    public int Length => End - Start;
}
