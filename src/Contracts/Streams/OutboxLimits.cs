namespace Forge.Contracts.Streams;

/// <summary>Bounds what an <see cref="Outbox{T}"/> writes at once, and how often.</summary>
/// <param name="Items">Most items of one message.</param>
/// <param name="Bytes">A message that holds this many takes no more items.</param>
/// <param name="Pause">
/// Between two messages: what comes meanwhile goes along. Each message wakes the other side's process, which costs more than the items in it;
/// an item that comes after a longer silence leaves at once.
/// </param>
internal sealed record OutboxLimits(int Items, long Bytes, TimeSpan Pause)
{
    public static OutboxLimits Default { get; } = new(Items: 256, Bytes: 1 << 20, TimeSpan.FromMilliseconds(1));
}
