namespace Forge.Core.Ring;

/// <summary>Names one task of one environment: a seed and a difficulty regenerate it exactly.</summary>
public readonly record struct TaskId(string Value)
{
    public override string ToString() => Value;
}
