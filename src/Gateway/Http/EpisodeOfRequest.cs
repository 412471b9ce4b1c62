using Forge.Core.Ring;
using Forge.Gateway.Protocols;
using Forge.Hosting.Keys;
using Microsoft.AspNetCore.Http;

namespace Forge.Gateway.Http;

/// <summary>Finds which episode a request belongs to, and whether its key reaches it.</summary>
internal sealed class EpisodeOfRequest(KeyRing keys, string run, bool isOpen)
{
    // No key is longer; what is longer is not hashed.
    private const int LongestKey = 512;
    private const int LongestName = 256;

    private static readonly string[] Headers = ["x-session-id", "session-id", "session_id"];

    /// <summary>What the request's key may touch. Where no key is configured, only this machine connects, and whatever key it shows is let in.</summary>
    /// <exception cref="ApiFaultException">The key is missing, unknown, expired, or another run's.</exception>
    public KeyScope ScopeOf(HttpRequest request)
    {
        if (isOpen)
        {
            return KeyScope.Admin;
        }

        var key = RequestKey.Of(request)
            ?? throw new ApiFaultException(ApiFaultKind.UnknownKey, "The request shows no key: send 'Authorization: Bearer …' or 'x-api-key: …'.");
        var scope = (key.Length <= LongestKey ? keys.Find(key) : null)
            ?? throw new ApiFaultException(ApiFaultKind.UnknownKey, "The key is not known here, or has expired.");
        return scope.Run is null || scope.Run == run ? scope
            : throw new ApiFaultException(ApiFaultKind.Forbidden, $"This key reaches {scope}; this gateway serves run {run}.");
    }

    /// <summary>The episode that the key, else the path, else a header names.</summary>
    /// <exception cref="ApiFaultException">None does, or the key reaches another one only.</exception>
    public EpisodeId Of(HttpRequest request)
    {
        var scope = ScopeOf(request);
        var inPath = request.RouteValues.TryGetValue("episode", out var value) ? value as string : null;
        if (scope.Episode is { } owned)
        {
            return inPath is null || inPath == owned ? new EpisodeId(owned)
                : throw new ApiFaultException(ApiFaultKind.Forbidden, $"This key reaches {scope}, not episode '{inPath}'.");
        }

        var named = inPath ?? Headers.Select(header => request.Headers[header].ToString()).FirstOrDefault(text => text.Length > 0);
        return named is { Length: > 0 and <= LongestName }
            ? new EpisodeId(named)
            : throw new ApiFaultException(
                ApiFaultKind.Invalid,
                $"The request names no episode (of at most {LongestName} characters): use the episode's key, or /e/EPISODE/v1 as base URL, or send x-session-id.");
    }
}
