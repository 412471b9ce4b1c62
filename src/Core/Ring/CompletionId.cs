namespace Forge.Core.Ring;

/// <summary>Names one call to the model within a run.</summary>
public readonly record struct CompletionId(string Value)
{
    public override string ToString() => Value;
}
