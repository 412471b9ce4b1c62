using Forge.DataPool.Stores;

namespace Forge.DataPool.Leases;

/// <summary>What becomes of an episode's end: it is kept, or its place is played again, or its group is given up.</summary>
/// <param name="Next">The attempt that takes the place of a broken one.</param>
/// <param name="Letter">Set when the place has no attempts left.</param>
internal readonly record struct Verdict(StoredEpisode? Next, DeadLetter? Letter);
