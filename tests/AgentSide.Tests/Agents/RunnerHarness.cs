using Forge.AgentSide.Agents;
using Forge.AgentSide.Rewards;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Agents;

/// <summary>A runner between a fake gateway and a sink that remembers.</summary>
internal sealed class RunnerHarness
{
    public RecordingEpisodeSink Sink { get; } = new();

    public AgentLimits Limits { get; init; } = new();

    public ManualTimeProvider Time { get; } = new();

    public Task<EpisodeResult> RunUntilAsync(FakeChatGateway gateway, FakeEnvironment environment, CancellationToken cancellationToken)
        => new EpisodeRunner(environment, gateway, Sink, new EpisodeRunnerOptions(Limits, new RewardOptions()), Time)
            .RunAsync(Plan(environment), cancellationToken);

    public Task<EpisodeResult> RunAsync(FakeChatGateway gateway, FakeEnvironment environment)
        => RunUntilAsync(gateway, environment, TestContext.Current.CancellationToken).DefaultTimeout();

    private static EpisodePlan Plan(FakeEnvironment environment)
        => new(new EpisodeId("e"), environment.Sample(TaskSplit.Train, 1, 3), new SamplingParameters { Seed = 5 }, 9);
}
