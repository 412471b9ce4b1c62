namespace Forge.Contracts.Streams;

/// <summary>Bounds one served stream.</summary>
/// <param name="Running">Calls that run at once.</param>
/// <param name="Outbox">Of the answers.</param>
internal sealed record StreamLimits(int Running, OutboxLimits Outbox)
{
    public static StreamLimits Default { get; } = new(Running: 8192, OutboxLimits.Default);
}
