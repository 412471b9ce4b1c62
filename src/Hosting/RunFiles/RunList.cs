using System.Collections.Immutable;

namespace Forge.Hosting.RunFiles;

/// <summary>A list of values.</summary>
internal sealed record RunList(string Place, ImmutableArray<RunNode> Items) : RunNode(Place);
