using Forge.Core.Ports;
using Forge.Rollout;

namespace Forge.Contracts.Tests.PolicySinks;

public sealed class InProcessPolicySinkTests : PolicySinkConformance
{
    protected override Task<IPolicySink> OpenAsync(RolloutEngine engine) => Task.FromResult<IPolicySink>(engine);

    protected override ValueTask CloseAsync() => ValueTask.CompletedTask;
}
