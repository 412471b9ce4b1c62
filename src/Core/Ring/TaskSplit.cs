namespace Forge.Core.Ring;

/// <summary>Which side of the fence a task is on; the two never share a task.</summary>
public enum TaskSplit
{
    Unspecified = 0,
    Train = 1,
    HeldOut = 2,
}
