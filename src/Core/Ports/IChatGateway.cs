using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.Core.Ports;

/// <summary>The gateway, as an agent sees it: messages in, a message out; tokens stay behind it.</summary>
public interface IChatGateway
{
    /// <summary>Answers one call of an episode and records it. The history's earlier completions keep their exact token ids.</summary>
    /// <exception cref="TimeoutException">The engine was at work until <see cref="ChatRequest.Patience"/> was over: the policy took the time.</exception>
    /// <exception cref="Faults.InfrastructureFaultException">A service on the way could not be reached, or failed.</exception>
    Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken);

    /// <summary>Ends the session and frees what is kept for it.</summary>
    void EndSession(EpisodeId episode);
}
