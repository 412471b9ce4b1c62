using Forge.AgentSide;
using Forge.Contracts.Clients;
using Forge.Contracts.Tests.Mapping;
using Forge.Contracts.Tests.Ports;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Contracts.Tests.Evaluators;

public sealed class GrpcPolicyEvaluatorTests : PolicyEvaluatorConformance
{
    private readonly TemporaryFolder _folder = new();
    private ServedOnSocket? _served;

    public override async ValueTask DisposeAsync()
    {
        await (_served?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Faults.Transient), MemberType = typeof(Faults))]
    public async Task What_may_pass_is_asked_again(string name)
    {
        AgentSide.Answer = (_, number, _) => number < 3 ? throw Faults.All[name] : Task.FromResult(new WireSamples(seed: 1).Report());

        await EvaluateAsync(5).DefaultTimeout();

        Assert.Equal([5, 5, 5], AgentSide.Played);
    }

    [Fact]
    public async Task An_agent_side_that_starts_again_plays_again()
    {
        AgentSide.Answer = (_, number, stop) => number == 1 ? NeverAsync(stop) : Task.FromResult(new WireSamples(seed: 1).Report());
        var asking = EvaluateAsync(5);
        await Eventually.TrueAsync(() => AgentSide.Played.Count == 1, "the evaluation begins");

        await _served!.DisposeAsync();
        _served = await StartAsync().DefaultTimeout();

        await asking.DefaultTimeout();
        Assert.Equal([5, 5], AgentSide.Played);
    }

    protected override async Task<IPolicyEvaluator> OpenAsync()
    {
        _served = await StartAsync();
        return new GrpcPolicyEvaluator(ServedOnSocket.Open(_folder).Invoker, ServedOnSocket.Options, TimeProvider.System);
    }

    private static async Task<Core.Ring.EvaluationReport> NeverAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        throw new InvalidOperationException("unreachable");
    }

    private Task<ServedOnSocket> StartAsync() => ServedOnSocket.StartAsync(
        _folder,
        builder => builder.Services
            .AddEvaluator(new AgentSideOptions(), (_, _) => throw new InfrastructureFaultException("The test's agent side asks nobody."))
            .AddSingleton<IPolicyEvaluator>(AgentSide),
        app => app.MapAgentSide());
}
