using System.Collections.Immutable;

namespace Forge.Hosting.Health;

/// <summary>What a part of a service does right now.</summary>
/// <param name="Part">Which part, such as <c>train loop</c>.</param>
/// <param name="Doing">One sentence for a person.</param>
/// <param name="LastProgress">When it last got something done; null when it has not yet.</param>
/// <param name="Waits">What it waits for.</param>
/// <param name="Figures">Numbers worth seeing, by name.</param>
public sealed record StatusReport(
    string Part,
    string Doing,
    DateTimeOffset? LastProgress,
    ImmutableArray<Wait> Waits,
    ImmutableSortedDictionary<string, double> Figures);
