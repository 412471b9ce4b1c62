namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>A run of rows between two branch points: each row is the only child of the one before.</summary>
/// <param name="Start">Its first row.</param>
/// <param name="End">One past its last row; its descendants follow.</param>
/// <param name="SubtreeEnd">One past its last descendant.</param>
/// <param name="Parent">Index of the node above; −1 at a root.</param>
/// <param name="PathRows">Rows of all nodes above.</param>
internal readonly record struct TreeNode(int Start, int End, int SubtreeEnd, int Parent, int PathRows)
{
    public int Rows => End - Start;

    public bool IsLeaf => End == SubtreeEnd;
}
