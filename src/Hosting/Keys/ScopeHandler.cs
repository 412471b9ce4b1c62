using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Forge.Hosting.Keys;

/// <summary>Lets a request through when its key reaches far enough and belongs to the run that this service serves.</summary>
internal sealed class ScopeHandler(ServedRun run) : AuthorizationHandler<ScopeRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (context.Resource is HttpContext http && http.Features.Get<KeyScope>() is { } scope
            && scope.Level <= requirement.Level && (scope.Run is null || scope.Run == run.Name))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
