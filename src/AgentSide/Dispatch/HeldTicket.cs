using Forge.Core.Ring;

namespace Forge.AgentSide.Dispatch;

/// <summary>A ticket that this worker has, until its last episode has ended or its lease is lost. Safe for concurrent use.</summary>
internal sealed class HeldTicket(GroupTicket ticket, Action<HeldTicket> ended) : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private int _running = ticket.Episodes.Length;

    public GroupTicket Ticket { get; } = ticket;

    /// <summary>Cancelled when another worker has got the ticket's episodes.</summary>
    public CancellationToken Lost => _lost.Token;

    public void EndOne()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            ended(this);
        }
    }

    public Task LoseAsync() => _lost.CancelAsync();

    public void Dispose() => _lost.Dispose();
}
