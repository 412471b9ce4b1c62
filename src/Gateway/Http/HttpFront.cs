using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Gateway.Completions;
using Forge.Gateway.Harnesses;
using Forge.Gateway.Protocols;
using Forge.Hosting.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Gateway.Http;

/// <summary>The gateway's door for agents of any kind: a listener of its own that speaks the APIs they were written for (docs/gateway.md).</summary>
public sealed class HttpFront : IAsyncDisposable
{
    private static readonly string[] Bases = ["", "/v1", "/e/{episode}", "/e/{episode}/v1"];

    private readonly WebApplication _app;
    private readonly ServiceAddress _address;
    private readonly Lazy<IHarnessGateway> _harnesses;

    private HttpFront(WebApplication app, ServiceAddress address, HttpFrontParts parts, bool isOpen)
    {
        (_app, _address) = (app, address);
        _harnesses = new Lazy<IHarnessGateway>(() => new HttpHarnessGateway(
            parts.Gateway, Address, parts.Options.Model, parts.Run, isOpen ? null : parts.Keys, parts.Time));
    }

    /// <summary>Lets programs play episodes through this door.</summary>
    public IHarnessGateway Harnesses => _harnesses.Value;

    /// <summary>The base URL without <c>/v1</c>; its port is real where the system chose it.</summary>
    public string Address => _address.SocketPath is not null
        ? _address.Text
        : _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().TrimEnd('/');

    /// <exception cref="ForgeException">The address is missing, in use, or would be open to everyone.</exception>
    public static async Task<HttpFront> StartAsync(HttpFrontParts parts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var text = parts.Options.Address ?? throw new ForgeException("gateway.http.address is not set: say where agents are to reach the gateway.");
        var address = ServiceAddress.Parse(text, parts.RunDirectory);
        var builder = PublicListener.CreateBuilder("gateway.http", address, parts.Security, parts.Keys);
        if (parts.Logs is { } logs)
        {
            builder.Logging.AddProvider(logs);
        }

        var app = builder.Build();
        app.UseHostFiltering();
        app.UseRouting();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Forge.Gateway.Http");

        // Whether keys are asked for is settled now: keys that are made later do not close a door that is open.
        var isOpen = parts.Keys.IsEmpty && !parts.Security.Tls.Mutual;
        Map(app, parts, isOpen, logger);
        var front = new HttpFront(app, address, parts, isOpen);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error)
        {
            await app.DisposeAsync();
            throw new ForgeException($"The gateway can't listen on {address}: {error.Message} Stop what listens there, or change gateway.http.address.", error);
        }

        FrontLog.Listening(logger, front.Address);
        return front;
    }

    /// <summary>Listens no more; connections that still wait for an answer are closed, and their clients ask again.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) => await _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Map(WebApplication app, HttpFrontParts parts, bool isOpen, ILogger logger)
    {
        var episodes = new EpisodeOfRequest(parts.Keys, parts.Run, isOpen);
        var completions = new ApiCompletions(parts.Gateway.Core, parts.Options.Sessions, parts.Time);
        var models = new ModelList(parts.Options.Model, parts.Time.GetUtcNow());
        foreach (var path in Bases)
        {
            foreach (var view in parts.Views)
            {
                var endpoint = new ApiEndpoint(view, episodes, completions, parts, logger);
                Map(app, path + view.Path, [HttpMethods.Post], endpoint.AnswerAsync);
                if (view.Protocol == ApiProtocols.Messages)
                {
                    Map(app, $"{path}{view.Path}/count_tokens", [HttpMethods.Post], endpoint.CountAsync);
                }
            }

            MapModels(app, path, models, episodes);
        }

        app.MapFallback("{**path}", context => RefuseAsync(
            context, ApiFaultKind.NotFound, $"There is nothing at {context.Request.Path}; the base URL ends in /v1 or /e/EPISODE/v1."));
    }

    private static void MapModels(WebApplication app, string path, ModelList models, EpisodeOfRequest episodes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        Map(app, path + "/models", methods, context => WithKeyAsync(context, episodes, () => models.ListAsync(context)));
        Map(app, path + "/models/{**id}", methods, context
            => WithKeyAsync(context, episodes, () => models.ShowAsync(context, (string)context.Request.RouteValues["id"]!)));
    }

    private static void Map(WebApplication app, string path, string[] methods, RequestDelegate answer)
    {
        app.MapMethods(path, methods, answer);
        app.Map(path, (HttpContext context) =>
        {
            context.Response.Headers.Allow = string.Join(", ", methods);
            var message = $"{context.Request.Method} is not what {context.Request.Path} takes; use {string.Join(" or ", methods)}.";
            return RefuseAsync(context, ApiFaultKind.WrongMethod, message);
        });
    }

    private static async Task WithKeyAsync(HttpContext context, EpisodeOfRequest episodes, Func<Task> answer)
    {
        try
        {
            episodes.ScopeOf(context.Request);
        }
        catch (ApiFaultException fault)
        {
            await FaultWriter.WriteAsync(context, fault, RequestIds.Give(context));
            return;
        }

        RequestIds.Give(context);
        await answer();
    }

    private static Task RefuseAsync(HttpContext context, ApiFaultKind kind, string message)
        => FaultWriter.WriteAsync(context, new ApiFaultException(kind, message), RequestIds.Give(context));
}
