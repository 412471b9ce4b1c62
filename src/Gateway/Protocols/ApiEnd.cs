namespace Forge.Gateway.Protocols;

/// <summary>Why an answer ended; each view has its own words for it.</summary>
public enum ApiEnd
{
    /// <summary>The model said so.</summary>
    Stop,

    /// <summary>A stop text of the caller came.</summary>
    StopText,

    /// <summary>The caller's limit on tokens.</summary>
    MaxTokens,

    /// <summary>The model's context is full.</summary>
    ContextFull,

    /// <summary>It calls tools.</summary>
    ToolCalls,
}
