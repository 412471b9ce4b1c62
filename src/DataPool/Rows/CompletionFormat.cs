namespace Forge.DataPool.Rows;

/// <summary>How a completion's columns are encoded. Stored as a number: append only.</summary>
[Flags]
internal enum CompletionFormat
{
    /// <summary>As schema 1 of pool.db wrote it: ids as int32, both log-prob columns, sampling parameters as JSON.</summary>
    Plain = 0,

    /// <summary>Sampling parameters as <see cref="PackedSampling"/>.</summary>
    BinarySampling = 1,

    /// <summary>Every id is below 65,536: two bytes each.</summary>
    ShortIds = 2,

    /// <summary>The behaviour log-probs are those of the policy, bit for bit; their own column is empty.</summary>
    OneLogProb = 4,

    /// <summary>Its tokens, log-probs, versions and routing were taken away to free their space.</summary>
    Pruned = 8,
}
