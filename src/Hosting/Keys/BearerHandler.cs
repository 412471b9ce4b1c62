using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Hosting.Keys;

/// <summary>
/// Finds the scope of a request: from its bearer key (or <c>x-api-key</c>, which some harnesses send instead), else from its client
/// certificate, which TLS has checked already. A service without keys and without mutual TLS is bound to this machine only, and serves whoever is on it.
/// </summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, KeyRing keys, OpenDoor door)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "forge";

    // No key is longer; what is longer is not hashed.
    private const int LongestKey = 512;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (RequestKey.Of(Request) is { } key)
        {
            var known = key.Length <= LongestKey ? keys.Find(key) : null;
            return Task.FromResult(known is null ? AuthenticateResult.Fail("The key is not known here, or has expired.") : Success(known));
        }

        return Task.FromResult(Context.Connection.ClientCertificate is not null || door.IsOpen ? Success(KeyScope.Admin) : AuthenticateResult.NoResult());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }

    private AuthenticateResult Success(KeyScope scope)
    {
        Context.Features.Set(scope);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, scope.ToString())], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
