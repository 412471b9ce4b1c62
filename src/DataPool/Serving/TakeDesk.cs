using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.DataPool.Serving;

/// <summary>
/// Hands groups to one trainer over a wire that may lose answers: a take that is asked for again gives the same group, and a trainer that was replaced gets nothing more.
/// </summary>
/// <remarks>
/// <code>
///   no session ──▶ Recover(session) or Resume(session, held) ──▶ Take 0, Take 1, …
///                        ▲ a pool that started again asks for Resume; a trainer that started again asks for Recover
/// </code>
/// One lock guards the session and is never held across an await.
/// </remarks>
internal sealed class TakeDesk(DataPool pool, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private string? _session;
    private long _sequence = -1;
    private Task<Group>? _take;
    private CancellationTokenSource _open = new();

    public IBatchSource Source => pool;

    /// <summary>Waits up to <paramref name="wait"/> for the group of this number in the session.</summary>
    public async Task<TakeAnswer> TakeAsync(string session, long sequence, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (Find(session, sequence) is not { } take)
        {
            return new TakeAnswer(null, SessionUnknown: true);
        }

        try
        {
            return new TakeAnswer(await take.WaitAsync(wait, time, cancellationToken), SessionUnknown: false);
        }
        catch (TimeoutException) when (!take.IsFaulted)
        {
            return new TakeAnswer(null, SessionUnknown: false);
        }
    }

    /// <summary>Consumes a taken group without training; false when the session is unknown.</summary>
    public async Task<bool> TrySkipAsync(string session, GroupId group, string reason, CancellationToken cancellationToken)
    {
        if (!Knows(session))
        {
            return false;
        }

        await pool.SkipAsync(group, reason, cancellationToken);
        return true;
    }

    /// <summary>Goes on with a session that an earlier life of this pool had.</summary>
    /// <param name="session">The trainer's.</param>
    /// <param name="held">What it took, and neither skipped nor acknowledged.</param>
    public void Resume(string session, IReadOnlyList<GroupId> held)
    {
        lock (_lock)
        {
            if (Knows(session))
            {
                return;
            }

            pool.Retake(held);
            _session = session;
        }
    }

    /// <summary>Begins a session: the pool goes back to a checkpoint's version, and what an earlier session took is available again.</summary>
    public async Task RecoverAsync(string session, PolicyVersion version, CancellationToken cancellationToken)
    {
        await CloseAsync();
        await pool.RecoverAsync(version, cancellationToken);
        lock (_lock)
        {
            (_session, _sequence, _take) = (session, -1, null);
        }
    }

    public void Dispose()
    {
        _open.Cancel();
        _open.Dispose();
    }

    private bool Knows(string session)
    {
        lock (_lock)
        {
            return _session == session || (_session is null ? false : throw new ForgeException(
                "Another trainer took over this run: this one must end. If none did, stop all trainers of the run and start one."));
        }
    }

    private Task<Group>? Find(string session, long sequence)
    {
        lock (_lock)
        {
            if (!Knows(session))
            {
                return null;
            }

            if (_take is null || sequence != _sequence || _take.IsFaulted || _take.IsCanceled)
            {
                (_sequence, _take) = (sequence, pool.TakeAsync(_open.Token));
            }

            return _take;
        }
    }

    // A take under way must not finish behind the recovery's back.
    private async Task CloseAsync()
    {
        CancellationTokenSource closing;
        Task? take;
        lock (_lock)
        {
            (closing, take) = (_open, _take);
            (_open, _session, _take) = (new CancellationTokenSource(), null, null);
        }

        await closing.CancelAsync();
        closing.Dispose();
        if (take is not null)
        {
            await ((Task)take).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
