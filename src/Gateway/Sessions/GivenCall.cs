using Forge.Gateway.Protocols;

namespace Forge.Gateway.Sessions;

/// <summary>One call and its answer, however many connections ask for it.</summary>
/// <param name="id">Names the answer to clients.</param>
/// <param name="created">When the call came first.</param>
/// <param name="reply">The answer; it fails with <see cref="ApiFaultException"/> only.</param>
internal sealed class GivenCall(string id, DateTimeOffset created, Task<ApiReply> reply)
{
    private int _delivered;

    public string Id => id;

    public DateTimeOffset Created => created;

    public Task<ApiReply> Reply => reply;

    /// <summary>True once the last byte of the answer has left on some connection.</summary>
    public bool IsDelivered => Volatile.Read(ref _delivered) != 0;

    public void MarkDelivered() => Volatile.Write(ref _delivered, 1);
}
