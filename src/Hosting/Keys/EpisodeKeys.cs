using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Hosting.Keys;

/// <summary>Makes keys that reach one episode and no other, and holds calls to them.</summary>
public static class EpisodeKeys
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>
    /// Maps <c>POST /keys/{episode}</c>: whoever shows a key of the run gets one for that episode, as text, accepted by this process for an hour.
    /// </summary>
    public static void MapEpisodeKeys(this IEndpointRouteBuilder endpoints)
        => endpoints.MapPost("/keys/{episode}", (string episode, HttpContext context, KeyRing keys, ServedRun run) =>
            RequestKey.Of(context.Request) is not { } parent
                ? Results.Text("A key is made from a key: send one of the run.\n", statusCode: StatusCodes.Status400BadRequest)
                : keys.Mint(parent, KeyScope.OfEpisode(run.Name, episode), Lifetime) is { } minted
                    ? Results.Text(minted.Key)
                    : Results.StatusCode(StatusCodes.Status403Forbidden)).RequireScope(KeyLevel.Run);

    /// <summary>Lets a call about an episode go on when the caller's key reaches that episode.</summary>
    /// <exception cref="RpcException">It reaches another one only.</exception>
    public static void RequireEpisode(this ServerCallContext call, string episode)
    {
        var http = call.GetHttpContext();
        var run = http.RequestServices.GetRequiredService<ServedRun>().Name;
        if (http.Scope() is var scope && (episode.Length == 0 ? scope.Level == KeyLevel.Episode : !scope.Covers(KeyScope.OfEpisode(run, episode))))
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"This key reaches {scope}, not episode '{episode}'."));
        }
    }

    /// <summary>Lets a call go on when the caller's key reaches further than one episode.</summary>
    /// <exception cref="RpcException">It does not.</exception>
    public static void RequireRun(this ServerCallContext call)
    {
        if (call.GetHttpContext().Scope() is { Level: KeyLevel.Episode } scope)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"This key reaches {scope}, not the run."));
        }
    }
}
