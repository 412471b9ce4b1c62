namespace Forge.DataPool;

/// <summary>Adds up the time in which finished groups waited outside the window.</summary>
internal sealed class BlockedClock(TimeProvider time)
{
    private TimeSpan _closed;
    private long? _since;

    public TimeSpan Total => _since is { } since ? _closed + time.GetElapsedTime(since) : _closed;

    public void Update(bool isBlocked)
    {
        if (isBlocked == _since.HasValue)
        {
            return;
        }

        _closed = Total;
        _since = isBlocked ? time.GetTimestamp() : null;
    }
}
