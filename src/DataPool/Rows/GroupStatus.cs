namespace Forge.DataPool.Rows;

/// <summary>The numbers of a group's status column. They never change.</summary>
internal static class GroupStatus
{
    public const int Running = 1;
    public const int Finished = 2;
    public const int Consumed = 3;
}
