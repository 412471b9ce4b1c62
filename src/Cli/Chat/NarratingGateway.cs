using Forge.Core.Chat;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Cli.Chat;

/// <summary>Shows every answer of the policy as it arrives: its thinking, its text, its calls.</summary>
internal sealed class NarratingGateway(IChatGateway inner, Narrator narrator) : IChatGateway
{
    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        var reply = await inner.CompleteAsync(request, cancellationToken);
        narrator.Tell(reply);
        return reply;
    }

    public void EndSession(EpisodeId episode) => inner.EndSession(episode);
}
