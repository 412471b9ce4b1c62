using Microsoft.AspNetCore.Http;

namespace Forge.Hosting.Keys;

/// <summary>Reads the key that a request shows.</summary>
public static class RequestKey
{
    private const string Prefix = "Bearer ";

    /// <summary>The bearer key, else <c>x-api-key</c>; null when it shows none.</summary>
    public static string? Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var bearer = request.Headers.Authorization.ToString();
        return bearer.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? bearer[Prefix.Length..].Trim()
            : request.Headers["x-api-key"].ToString() is { Length: > 0 } key ? key
            : null;
    }
}
