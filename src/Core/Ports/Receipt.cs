namespace Forge.Core.Ports;

/// <summary>What became of a record that was handed to the data pool. Sent as a number: append only.</summary>
public enum Receipt
{
    Unspecified = 0,

    /// <summary>It is kept, and counts.</summary>
    Kept = 1,

    /// <summary>The same record was kept before: an answer was lost and the caller asked again.</summary>
    Duplicate = 2,

    /// <summary>
    /// Too late: a newer attempt took the episode's place, or its group was given up. Nothing will be trained on it; counted in
    /// <see cref="WindowStatus.LateResults"/>. Whoever plays the episode may stop.
    /// </summary>
    Stale = 3,
}
