namespace Forge.Core.Ring;

/// <summary>Numbers the published policies: 0 is the starting checkpoint, each optimizer step publishes the next.</summary>
public readonly record struct PolicyVersion(long Value) : IComparable<PolicyVersion>
{
    public static PolicyVersion Initial { get; }

    public PolicyVersion Next => new(Value + 1);

    public int CompareTo(PolicyVersion other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static bool operator <(PolicyVersion left, PolicyVersion right) => left.Value < right.Value;

    public static bool operator >(PolicyVersion left, PolicyVersion right) => left.Value > right.Value;

    public static bool operator <=(PolicyVersion left, PolicyVersion right) => left.Value <= right.Value;

    public static bool operator >=(PolicyVersion left, PolicyVersion right) => left.Value >= right.Value;
}
