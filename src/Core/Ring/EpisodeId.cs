namespace Forge.Core.Ring;

/// <summary>Names one episode; unique within a run, and the session key that keeps its KV cache between turns.</summary>
public readonly record struct EpisodeId(string Value)
{
    public override string ToString() => Value;
}
