namespace Forge.Core.Ring;

/// <summary>Numbers a group by its dispatch order within a run, from 0 without holes; the windowed FIFO orders by it.</summary>
public readonly record struct GroupId(long Value) : IComparable<GroupId>
{
    public int CompareTo(GroupId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static bool operator <(GroupId left, GroupId right) => left.Value < right.Value;

    public static bool operator >(GroupId left, GroupId right) => left.Value > right.Value;

    public static bool operator <=(GroupId left, GroupId right) => left.Value <= right.Value;

    public static bool operator >=(GroupId left, GroupId right) => left.Value >= right.Value;
}
