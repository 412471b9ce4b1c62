namespace Forge.Core.Ring;

/// <summary>Why a generation ended. Stored as a number: append only.</summary>
public enum FinishReason
{
    Unspecified = 0,

    /// <summary>A stop token was sampled; it is the last response id.</summary>
    Stop = 1,

    /// <summary>The token limit or the context length was reached.</summary>
    Length = 2,

    /// <summary>The caller gave the request up.</summary>
    Cancelled = 3,
}
