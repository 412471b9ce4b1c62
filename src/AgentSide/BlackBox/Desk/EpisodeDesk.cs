using System.Collections.Concurrent;
using Forge.Core.Ring;

namespace Forge.AgentSide.BlackBox.Desk;

/// <summary>Knows the episodes that programs play here; the endpoints find them by name. Safe for concurrent use.</summary>
public sealed class EpisodeDesk
{
    private readonly ConcurrentDictionary<string, DeskEpisode> _open = new(StringComparer.Ordinal);

    internal DeskEpisode? Find(string episode) => _open.GetValueOrDefault(episode);

    /// <exception cref="InvalidOperationException">It is open already.</exception>
    internal void Open(EpisodeId episode, DeskEpisode entry)
    {
        if (!_open.TryAdd(episode.Value, entry))
        {
            throw new InvalidOperationException($"Episode {episode} is played by a program already.");
        }
    }

    internal void Close(EpisodeId episode) => _open.TryRemove(episode.Value, out _);
}
