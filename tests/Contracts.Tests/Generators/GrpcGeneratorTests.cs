using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Ports;
using Forge.Core.Ports;
using Forge.Rollout;
using Forge.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Generators;

public sealed class GrpcGeneratorTests : GeneratorConformance
{
    private readonly TemporaryFolder _folder = new();
    private ServedOnSocket? _served;

    protected override async Task<IGenerator> OpenAsync(RolloutEngine engine)
    {
        _served = await ServedOnSocket.StartAsync(
            _folder,
            builder => builder.AddRollout(SmallEngine.Options, SmallEngine.Config).Services.AddSingleton(engine),
            app => app.MapRollout());
        return new GrpcGenerator(_served.Invoker, ServedOnSocket.Options, TimeProvider.System);
    }

    protected override async ValueTask CloseAsync()
    {
        await (_served?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }
}
