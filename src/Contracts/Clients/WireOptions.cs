namespace Forge.Contracts.Clients;

/// <summary>How long wire clients wait.</summary>
public sealed record WireOptions
{
    public static WireOptions Default { get; } = new();

    /// <summary>Deadline of a call that is answered at once.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits at the service for something that may take for ever; then it is issued again.</summary>
    public TimeSpan PollWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Deadline of a call that generates tokens; the episode's own limit usually ends it earlier.</summary>
    public TimeSpan GenerationTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Deadline of a transfer of weights.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Pause before a call is issued again that a fault ended.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);
}
