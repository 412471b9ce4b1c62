namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>Rows <see cref="Start"/> … <see cref="End"/> − 1.</summary>
internal readonly record struct RowRange(int Start, int End)
{
    public int Count => End - Start;
}
