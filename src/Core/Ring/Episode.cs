using System.Collections.Immutable;

namespace Forge.Core.Ring;

/// <summary>One agent working on one task, whole: its completions in order and how it ended.</summary>
public sealed record Episode(EpisodeId Id, GroupId Group, int IndexInGroup, ImmutableArray<Completion> Completions, EpisodeResult Result);
