using Forge.Core.Ports;
using Forge.Rollout;

namespace Forge.Contracts.Tests.Generators;

public sealed class InProcessGeneratorTests : GeneratorConformance
{
    protected override Task<IGenerator> OpenAsync(RolloutEngine engine) => Task.FromResult<IGenerator>(engine);

    protected override ValueTask CloseAsync() => ValueTask.CompletedTask;
}
