using Forge.Core.Faults;

namespace Forge.AgentSide.Agents;

/// <summary>An episode's wall-clock. Tells time that agent and environment took from time in which a service said nothing.</summary>
/// <remarks>
/// <code>
///   start ──────── tools, calls ────────▶ limit ──── grace ────▶
///                                           │                  └─ a call unanswered: nobody is there, the machinery failed
///                                           └─ whoever is at work for the call says that the time is up (TimeoutException):
///                                              the agent's time; so it is when the limit passes in a tool
/// </code>
/// </remarks>
public sealed class EpisodeClock : IDisposable
{
    /// <summary>How long after the limit a service that is at work needs at most to say so, a busy machine and the way back included.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancelled;
    private readonly long _started;
    private readonly CancellationTokenSource _timeIsUp;
    private readonly CancellationTokenSource _either;

    /// <param name="limit">Most time of the episode.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops the episode, which has no outcome then.</param>
    public EpisodeClock(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_limit, _time, _cancelled, _started) = (limit, time, cancellationToken, time.GetTimestamp());
        _timeIsUp = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timeIsUp.Token, cancellationToken);
    }

    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    /// <summary>True when the time is up and nobody stopped the episode.</summary>
    public bool IsOver => _timeIsUp.IsCancellationRequested && !_cancelled.IsCancellationRequested;

    /// <summary>Cancelled at the limit, and when the episode is stopped.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Makes a call that gives itself up when the time is over.</summary>
    /// <param name="call">Takes what is left of the time, and a token that is cancelled when nothing came beyond that.</param>
    /// <exception cref="TimeoutException">The call was being worked on when the time was up.</exception>
    /// <exception cref="InfrastructureFaultException">Nobody said so.</exception>
    public async Task<T> AskAsync<T>(Func<TimeSpan, CancellationToken, Task<T>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var left = _limit - Elapsed;
        if (left <= TimeSpan.Zero)
        {
            throw new TimeoutException($"The episode's time of {_limit} is up.");
        }

        using var silence = new CancellationTokenSource(left + Grace, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, _cancelled);
        try
        {
            return await call(left, either.Token);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !_cancelled.IsCancellationRequested)
        {
            throw new InfrastructureFaultException(
                $"The gateway neither answered for {left + Grace} nor said that it works on it: it, the engine or the data pool behind it is away or stuck. "
                + "'forge ps' shows which.");
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _timeIsUp.Dispose();
    }
}
