using Forge.AgentSide;
using Forge.AgentSide.Dispatch;
using Forge.Contracts;
using Forge.Contracts.Clients;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool;
using Forge.Gateway;
using Forge.Hosting.Calls;
using Forge.Hosting.Services;
using Forge.Rollout;
using Forge.Scenarios.Tests.Ring;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>
/// Composes the ring as a distributed run does: the same hosts with the same registrations, one for each service, each on its socket file, and
/// channels with deadlines and retries between them. Only the processes are missing.
/// </summary>
internal sealed class WiredFabric : IRingFabric
{
    private static readonly ServicesOptions Addresses = new()
    {
        DataPool = "unix:pool.s",
        Rollout = "unix:rollout.s",
        Gateway = "unix:gateway.s",
        AgentSide = "unix:agents.s",
        Trainer = "unix:trainer.s",
    };

    private readonly List<(ServiceName Name, ServiceHost Host)> _hosts = [];
    private readonly Dictionary<ServiceName, ServiceChannel> _channels = [];
    private readonly ServiceProvider _trainer;
    private readonly RingSettings _settings;

    private WiredFabric(RingSettings settings)
    {
        _settings = settings;
        foreach (var service in Enum.GetValues<ServiceName>())
        {
            _channels[service] = new ServiceChannel(new ServiceChannelParts
            {
                Address = ServiceAddress.Parse(Addresses.AddressOf(service), settings.Folder),
                Repeatable = new RepeatableMethods(ForgeServices.All),
            });
        }

        _trainer = new ServiceCollection()
            .AddRemoteDataPool(_ => To(ServiceName.DataPool))
            .AddRemoteRollout(_ => To(ServiceName.Rollout))
            .AddRemoteAgentSide(_ => To(ServiceName.AgentSide))
            .BuildServiceProvider();
        Engine = new WatchedEngine(
            new GrpcGenerator(To(ServiceName.Rollout), WireOptions.Default, TimeProvider.System), _trainer.GetRequiredService<IPolicySink>());
    }

    public IBatchSource Source => _trainer.GetRequiredService<IBatchSource>();

    public WatchedEngine Engine { get; }

    public IPolicyEvaluator Evaluator => _trainer.GetRequiredService<IPolicyEvaluator>();

    public EpisodeScheduler Scheduler { get; private set; } = null!;

    public ChatGateway TrainingGateway { get; private set; } = null!;

    public static async Task<WiredFabric> OpenAsync(RingSettings settings, CancellationToken cancellationToken)
    {
        var fabric = new WiredFabric(settings);
        await fabric.StartAsync(
            ServiceName.DataPool, builder => builder.Services.AddDataPool(settings.PoolPath, RingSettings.Pool), app => app.MapDataPool(), cancellationToken);
        await fabric.StartAsync(
            ServiceName.Rollout, builder => builder.AddRollout(RingSettings.Rollout, settings.Policy.Config), app => app.MapRollout(), cancellationToken);
        var gateway = await fabric.StartAsync(ServiceName.Gateway, fabric.AddGateway, app => app.MapGateway(), cancellationToken);
        var agents = await fabric.StartAsync(ServiceName.AgentSide, fabric.AddAgentSide, app => app.MapAgentSide(), cancellationToken);
        (fabric.TrainingGateway, fabric.Scheduler) = (gateway.GetRequiredService<ChatGateway>(), agents.GetRequiredService<EpisodeScheduler>());
        return fabric;
    }

    public async ValueTask DisposeAsync()
    {
        await _trainer.DisposeAsync();
        foreach (var (name, host) in Enumerable.Reverse(_hosts))
        {
            Assert.True(await host.DrainAsync(), $"{name} left calls behind: see its log.");
            await host.DisposeAsync();
        }

        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private void AddGateway(WebApplicationBuilder builder) => builder.Services
        .AddRemoteDataPool(_ => To(ServiceName.DataPool))
        .AddSingleton<IGenerator>(Engine)
        .AddGateway(RingSettings.Gateway, _settings.Policy.Tokenizer, _settings.Policy.Format);

    private void AddAgentSide(WebApplicationBuilder builder) => builder.Services
        .AddRemoteGateway(_ => To(ServiceName.Gateway))
        .AddRemoteDataPool(_ => To(ServiceName.DataPool))
        .AddAgentSide(RingSettings.AgentSide, RingSettings.Seed, new WorkerId($"scenario-{Guid.NewGuid():N}"), TimeSpan.Zero)
        .AddEvaluator(RingSettings.AgentSide, (provider, sink) => new GrpcEvaluationGateway(
            To(ServiceName.Gateway), sink, provider.GetRequiredService<WireOptions>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(_settings.Environment);

    private async Task<IServiceProvider> StartAsync(
        ServiceName name, Action<WebApplicationBuilder> add, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        var builder = ServiceHost.CreateBuilder(new ServiceHostParts { Name = name, Run = "scenario", RunDirectory = _settings.Folder, Services = Addresses });
        add(builder);
        var host = ServiceHost.Build(builder);
        map(host.App);
        await host.StartAsync(cancellationToken);
        _hosts.Add((name, host));
        return host.App.Services;
    }

    private CallInvoker To(ServiceName service) => _channels[service].Invoker;
}
