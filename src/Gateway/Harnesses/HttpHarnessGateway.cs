using System.Buffers.Text;
using System.Security.Cryptography;
using Forge.Core.Faults;
using Forge.Core.Harnesses;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Gateway.Sessions;
using Forge.Hosting.Keys;

namespace Forge.Gateway.Harnesses;

/// <summary>Lets programs play episodes through the gateway's door. Safe for concurrent use.</summary>
/// <param name="gateway">Whose sessions the door serves.</param>
/// <param name="address">The door's base URL.</param>
/// <param name="model">The model's name.</param>
/// <param name="run">The run that the keys belong to.</param>
/// <param name="keys">Where the door looks keys up; null where it asks for none.</param>
/// <param name="time">Ends keys.</param>
internal sealed class HttpHarnessGateway(ChatGateway gateway, string address, string model, string run, KeyRing? keys, TimeProvider time) : IHarnessGateway
{
    private const int SecretBytes = 24;

    public Task<HarnessAccess> OpenAsync(HarnessSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!Uri.TryCreate($"{address}/e/{Uri.EscapeDataString(session.Episode.Value)}", UriKind.Absolute, out var url) || url.Scheme == "unix")
        {
            throw new ForgeException($"Programs call by http, and the gateway's door is at {address}. Set gateway.http.address to http://127.0.0.1:PORT.");
        }

        gateway.OpenSession(session.Episode, new SessionTerms(session.Sampling, session.MaxTurns, session.MaxTokens));
        var key = $"forge-episode-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        keys?.Add(new KeyGrant(KeyRing.HashOf(key), KeyScope.OfEpisode(run, session.Episode.Value), time.GetUtcNow() + session.Lifetime));
        return Task.FromResult(new HarnessAccess(url, key, model));
    }

    public async Task<HarnessTrace> CloseAsync(EpisodeId episode, CancellationToken cancellationToken)
    {
        var session = gateway.Core.Sessions.Find(episode)
            ?? throw new InfrastructureFaultException(
                $"The gateway knows nothing of episode {episode}: it was never opened, has ended, or the gateway was started anew.");
        gateway.EndSession(episode);
        await session.Calls.SettledAsync().WaitAsync(cancellationToken);
        return session.Trace.Read();
    }
}
