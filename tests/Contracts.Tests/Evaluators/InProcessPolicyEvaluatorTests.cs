using Forge.Core.Ports;

namespace Forge.Contracts.Tests.Evaluators;

/// <summary>In one process the trainer calls the agent side's own class.</summary>
public sealed class InProcessPolicyEvaluatorTests : PolicyEvaluatorConformance
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override Task<IPolicyEvaluator> OpenAsync() => Task.FromResult<IPolicyEvaluator>(AgentSide);
}
