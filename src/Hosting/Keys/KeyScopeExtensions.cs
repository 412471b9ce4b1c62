using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Keys;

/// <summary>Ties keys to endpoints.</summary>
public static class KeyScopeExtensions
{
    /// <summary>Opens an endpoint to keys that reach at least as far as <paramref name="level"/>; an endpoint without this denies everyone.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, KeyLevel level)
        where TBuilder : IEndpointConventionBuilder
        => endpoint.RequireAuthorization(policy => policy.AddAuthenticationSchemes(BearerHandler.SchemeName).AddRequirements(new ScopeRequirement(level)));

    /// <summary>The scope of the request's key; a handler compares its episode with the one that the request is about.</summary>
    public static KeyScope Scope(this HttpContext context)
        => context.Features.Get<KeyScope>() ?? throw new InvalidOperationException("The endpoint requires no scope, so the request has none. Add RequireScope to it.");

    internal static void AddKeys(this IServiceCollection services, KeyRing keys, ServedRun run, OpenDoor door)
    {
        services.AddSingleton(keys).AddSingleton(run).AddSingleton(door).AddSingleton<IAuthorizationHandler, ScopeHandler>();
        services.AddAuthentication(BearerHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, null);
        services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder(BearerHandler.SchemeName).AddRequirements(new ScopeRequirement(KeyLevel.Admin)).Build())
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(BearerHandler.SchemeName).RequireAssertion(_ => false).Build());
    }
}
