namespace Forge.Learning.Model.Attention;

/// <summary>The part of a path that stands in one earlier chunk: the first rows among those that the chunk keeps.</summary>
/// <param name="Chunk">Index of the chunk.</param>
/// <param name="Count">How many of its kept rows.</param>
internal readonly record struct PathSegment(int Chunk, int Count);
