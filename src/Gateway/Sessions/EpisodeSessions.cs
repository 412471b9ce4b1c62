using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Splicing;
using Forge.Core.Text.Tokenization;

namespace Forge.Gateway.Sessions;

/// <summary>The open sessions, and which episodes have ended. Safe for concurrent use.</summary>
internal sealed class EpisodeSessions(ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format)
{
    // An agent that outlives its episode does so for minutes; by then a run has not ended this many others.
    private const int MaxRemembered = 65_536;

    private readonly ConcurrentDictionary<EpisodeId, EpisodeSession> _open = new();
    private readonly ConcurrentDictionary<EpisodeId, bool> _ended = new();
    private readonly ConcurrentQueue<EpisodeId> _endedInOrder = new();

    /// <summary>The episode's session, begun by its first call.</summary>
    public EpisodeSession Of(EpisodeId episode)
        => _open.GetOrAdd(episode, id => new EpisodeSession(id, new TokenTape(tokenizer, format), new TokenTape(tokenizer, format)));

    /// <summary>The episode's session; false when the episode has ended.</summary>
    public bool TryOpen(EpisodeId episode, [NotNullWhen(true)] out EpisodeSession? session)
    {
        session = _ended.ContainsKey(episode) ? null : Of(episode);
        if (session is not null && _ended.ContainsKey(episode))
        {
            // It ended in between: what was opened for it here goes the same way.
            End(episode);
            session = null;
        }

        return session is not null;
    }

    /// <summary>The open session; null when the episode has none.</summary>
    public EpisodeSession? Find(EpisodeId episode) => _open.GetValueOrDefault(episode);

    /// <summary>Forgets the session; its calls that still wait are let go.</summary>
    /// <returns>Whether it made calls on the side.</returns>
    public bool End(EpisodeId episode)
    {
        if (_ended.TryAdd(episode, true))
        {
            _endedInOrder.Enqueue(episode);
            if (_endedInOrder.Count > MaxRemembered && _endedInOrder.TryDequeue(out var oldest))
            {
                _ended.TryRemove(oldest, out _);
            }
        }

        if (!_open.TryRemove(episode, out var session))
        {
            return false;
        }

        session.Dispose();
        return session.SideTurns > 0;
    }
}
