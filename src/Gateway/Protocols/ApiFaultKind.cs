namespace Forge.Gateway.Protocols;

/// <summary>What a client is told by status and type; which of them it asks again is its own decision.</summary>
public enum ApiFaultKind
{
    /// <summary>400, invalid_request_error.</summary>
    Invalid,

    /// <summary>400, code context_length_exceeded: agents compact their history on it.</summary>
    ContextFull,

    /// <summary>400, invalid_request_error, and never again: the one answer that stops every client.</summary>
    EpisodeOver,

    /// <summary>401, invalid_api_key.</summary>
    UnknownKey,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>404.</summary>
    NotFound,

    /// <summary>404, code model_not_found.</summary>
    UnknownModel,

    /// <summary>405.</summary>
    WrongMethod,

    /// <summary>413.</summary>
    TooLarge,

    /// <summary>429, with a time after which to ask again.</summary>
    TooMany,

    /// <summary>500.</summary>
    Internal,

    /// <summary>503, with a time after which to ask again.</summary>
    Unavailable,
}
