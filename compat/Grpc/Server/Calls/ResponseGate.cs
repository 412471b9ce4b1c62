namespace Grpc.AspNetCore.Server;

/// <summary>
/// Lets one at a time write to a response. The handler's writes and the deadline race for it: who enters first wins, and after
/// <see cref="TryClose"/> nobody writes any more.
/// <code>
///   open ──TryEnter──▶ busy ──Leave──▶ open
///   open ──TryClose──▶ closed
/// </code>
/// </summary>
internal sealed class ResponseGate
{
    private const int Open = 0;
    private const int Busy = 1;
    private const int Closed = 2;

    private int _state;

    internal bool IsClosed => Volatile.Read(ref _state) == Closed;

    internal bool TryEnter() => Interlocked.CompareExchange(ref _state, Busy, Open) == Open;

    internal void Leave() => Interlocked.CompareExchange(ref _state, Open, Busy);

    internal bool TryClose() => Interlocked.CompareExchange(ref _state, Closed, Open) == Open;

    /// <summary>For the handler's own end, when it has no write in progress or has abandoned one.</summary>
    internal void Close() => Volatile.Write(ref _state, Closed);
}
