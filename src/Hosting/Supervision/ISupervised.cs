namespace Forge.Hosting.Supervision;

/// <summary>A process that a supervisor keeps alive. Used by one thread at a time.</summary>
public interface ISupervised
{
    string Name { get; }

    /// <summary>Its living process, whoever started it; null when it does not run.</summary>
    int? ProcessId { get; }

    /// <summary>How its last process ended; null when nobody knows, because another process started it.</summary>
    int? ExitCode { get; }

    /// <summary>Whether it said, since it was last started, that its work is done: how a process ends does not say that.</summary>
    bool HasFinished { get; }

    /// <summary>Starts it unless it runs.</summary>
    /// <exception cref="Forge.Core.Faults.ForgeException">It can't be started.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Whether it answers when it is asked for its health. Bounded by the token.</summary>
    Task<bool> AnswersAsync(CancellationToken cancellationToken);

    /// <summary>Ends it at once, however it is.</summary>
    void Kill();

    /// <summary>Asks it to end and waits until it has.</summary>
    /// <returns>False when it had to be killed.</returns>
    Task<bool> StopAsync(TimeSpan limit, CancellationToken cancellationToken);
}
