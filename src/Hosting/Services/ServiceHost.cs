using Forge.Core.Faults;
using Forge.Hosting.Faults;
using Forge.Hosting.Health;
using Forge.Hosting.Keys;
using Forge.Hosting.Metering;
using Forge.Hosting.Telemetry;
using Forge.Hosting.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Services;

/// <summary>Runs one service as a process: its listener, keys, health, metrics and logs, and its orderly end.</summary>
/// <remarks>
/// <code>
/// builder = ServiceHost.CreateBuilder(parts)    builder.AddX(); builder.Services.AddRemoteY(…)
/// host    = ServiceHost.Build(builder)          host.App.MapX()
/// exit    = await host.RunAsync(stop)           Starting → Ready → (stop) Draining → Stopped
/// </code>
/// Every endpoint denies everyone unless it says otherwise: <c>RequireScope</c> or <c>AllowAnonymous</c>.
/// </remarks>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly ServiceHostParts _parts;
    private readonly ServiceState _state;
    private readonly ILogger _logger;
    private readonly IDisposable? _tracing;

    private ServiceHost(WebApplication app)
    {
        App = app;
        _parts = app.Services.GetRequiredService<ServiceHostParts>();
        _state = app.Services.GetRequiredService<ServiceState>();
        _tracing = ServiceTracing.Start(_parts.Telemetry, ServiceNames.Of(_parts.Name), _parts.Run);
        _logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Forge.Hosting");
    }

    public WebApplication App { get; }

    /// <summary>The addresses that callers use, once the service has started; the port is real where the system chose it.</summary>
    public IReadOnlyCollection<string> Addresses
        => [.. App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.Distinct() ?? []];

    /// <exception cref="ForgeException">The service would be open to everyone, or its keys or certificates can't be read.</exception>
    public static WebApplicationBuilder CreateBuilder(ServiceHostParts parts)
    {
        var keys = ServiceKeys.Ring(parts.Security, parts.RunDirectory, parts.Time);
        BindRules.Require(parts, keys);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = parts.RunDirectory, ApplicationName = "Forge" });
        KestrelSetup.Configure(builder.WebHost, parts);
        builder.Logging.AddProvider(new JsonLinesLoggerProvider(LogFile(parts), parts.Time)).AddFilter("Microsoft", LogLevel.Warning);
        var services = builder.Services;
        services.AddRouting();
        services.AddMetrics();
        services.AddSingleton(parts).AddSingleton(parts.Time).AddSingleton<ServiceState>().AddSingleton(new MeterReadings());
        services.AddCalls(parts).AddSingleton<CallsInFlight>().AddSingleton<HealthBoard>().AddHostedService(provider => provider.GetRequiredService<HealthBoard>());
        services.AddKeys(keys, new ServedRun(parts.Run), new OpenDoor(keys.IsEmpty && !parts.Security.Tls.Mutual));
        services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = [.. BindRules.AllowedHosts(BindRules.IsLocal(parts))]);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = parts.Services.DrainTimeout);
        return builder;
    }

    /// <summary>Builds the application with what all services have: keys, <c>/health</c>, <c>/ready</c>, grpc.health.v1, <c>/status</c>, <c>/metrics</c>.</summary>
    public static ServiceHost Build(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.UseHostFiltering();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        var calls = app.Services.GetRequiredService<CallsInFlight>();
        app.Use(next => context => calls.InvokeAsync(context, next));
        ObservationEndpoints.Map(app);
        return new ServiceHost(app);
    }

    /// <summary>The log of one service of a run.</summary>
    public static string LogFile(ServiceHostParts parts)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parts.RunDirectory, "logs")).FullName;
        return Path.Combine(folder, $"{ServiceNames.Of(parts.Name)}.jsonl");
    }

    /// <summary>Starts listening; from then on the service is ready.</summary>
    /// <exception cref="ForgeException">The address is in use or can't be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await App.StartAsync(cancellationToken);
        }
        catch (IOException error)
        {
            throw new ForgeException(
                $"{_parts.Name} can't listen on {_parts.Address}: {error.Message} Stop what listens there, or change services.{ServiceNames.Of(_parts.Name)}.",
                error);
        }

        _state.Enter(ServicePhase.Ready);
        HostingLog.Ready(_logger, _parts.Name, string.Join(", ", Addresses));
    }

    /// <summary>Serves until <paramref name="stop"/> is cancelled or the application ends itself, then drains.</summary>
    /// <returns>Success, or Failure when something did not end in time.</returns>
    public async Task<ExitCode> RunAsync(CancellationToken stop)
    {
        await StartAsync(stop);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (stop.Register(() => ended.TrySetResult()))
        using (App.Lifetime.ApplicationStopping.Register(() => ended.TrySetResult()))
        {
            await ended.Task;
        }

        return await DrainAsync() ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>Ends in good order: nothing new, finish or hand back, flush, stop listening.</summary>
    /// <returns>False when the drain timeout ran out first; the log names what was left.</returns>
    public async Task<bool> DrainAsync()
    {
        _state.Enter(ServicePhase.Draining);
        HostingLog.Draining(_logger, _parts.Name, _parts.Services.DrainTimeout);
        using var limit = new CancellationTokenSource(_parts.Services.DrainTimeout, _parts.Time);
        var unfinished = new List<string>();
        foreach (var part in App.Services.GetServices<IDrainable>().Reverse())
        {
            if (!await TryDrainAsync(part, limit.Token))
            {
                unfinished.Add(part.Name);
            }
        }

        await StopListeningAsync(unfinished, limit.Token);
        _state.Enter(ServicePhase.Stopped);
        if (unfinished.Count > 0)
        {
            HostingLog.DrainRanOut(_logger, _parts.Name, _parts.Services.DrainTimeout, string.Join(", ", unfinished));
            return false;
        }

        HostingLog.Stopped(_logger, _parts.Name);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        _tracing?.Dispose();
    }

    // Calls under way are answered; those that are not by then are cut, and said to be.
    private async Task StopListeningAsync(List<string> unfinished, CancellationToken limit)
    {
        var calls = App.Services.GetRequiredService<CallsInFlight>();
        var cut = 0;
        using (limit.Register(() => cut = calls.Count))
        {
            await App.StopAsync(limit);
        }

        if (cut > 0)
        {
            unfinished.Add($"{cut} calls");
        }
    }

    private async Task<bool> TryDrainAsync(IDrainable part, CancellationToken limit)
    {
        try
        {
            await part.DrainAsync(limit).WaitAsync(limit);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (ForgeException error)
        {
            HostingLog.DrainFailed(_logger, error, part.Name);
            return false;
        }
    }
}
