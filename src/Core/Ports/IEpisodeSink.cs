using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>
/// The data pool, as the gateway and the agent side see it: keeps what happened. Both methods may be repeated with the same record
/// when an answer was lost.
/// </summary>
public interface IEpisodeSink
{
    /// <summary>Keeps one completion; when it returns <see cref="Receipt.Kept"/>, the completion survives a crash.</summary>
    Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps how an episode ended; the group is finished when all its episodes are. A broken episode
    /// (<see cref="EpisodeResult.IsBroken"/>) is offered again under a new id, until its attempts are used up.
    /// </summary>
    Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken);
}
