using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The data pool, as the gateway and the agent side see it: keeps what happened.</summary>
public interface IEpisodeSink
{
    /// <summary>Keeps one completion; when it returns, the completion survives a crash.</summary>
    Task RecordAsync(Completion completion, CancellationToken cancellationToken);

    /// <summary>Keeps how an episode ended; the group is finished when all its episodes are.</summary>
    Task FinishAsync(EpisodeResult result, CancellationToken cancellationToken);
}
