using System.Collections.Immutable;
using Forge.AgentSide.Agents;
using Forge.AgentSide.BlackBox;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.BlackBox.Programs;
using Forge.AgentSide.Rewards;
using Forge.AgentSide.Tests.Agents;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.BlackBox;

/// <summary>Plays one episode by a shell script, in a folder of its own.</summary>
internal sealed class ProgramHarness : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RecordingEpisodeSink Sink { get; } = new();

    public EpisodeDesk Desk { get; } = new();

    public FakeEnvironment Environment { get; init; } = FakeEnvironment.Replying("seen");

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    public RewardSource Reward { get; init; }

    public long MaxKeptBytes { get; init; } = 1 << 20;

    public int KeptEpisodes { get; init; } = 10;

    public string Kept(string path, string episode = "e") => Path.Combine(_folder.Path, episode, path);

    public Task<EpisodeResult> RunAsync(FakeHarnessGateway gateway, string script, string episode = "e")
        => RunUntilAsync(gateway, script, episode, TestContext.Current.CancellationToken).DefaultTimeout();

    public Task<EpisodeResult> RunUntilAsync(FakeHarnessGateway gateway, string script, string episode, CancellationToken cancellationToken)
    {
        var limits = new AgentLimits { Timeout = Timeout, MaxTurns = 7, MaxTokens = 300, MaxNewTokens = 40 };
        var agent = new ProgramAgent(new ProgramAgentParts
        {
            Gateway = gateway,
            Programs = new ProcessRunner(TimeProvider.System),
            Desk = Desk,
            Limits = limits,
            Folder = _folder.Path,
            Options = new ProgramOptions
            {
                Command = ["sh", "-c", script],
                Variables = ImmutableSortedDictionary<string, string>.Empty.Add("MINE", "${model} of ${question}"),
                Reward = Reward,
                MaxKeptBytes = MaxKeptBytes,
                KeptEpisodes = KeptEpisodes,
            },
        });
        var runner = new EpisodeRunner(Environment, agent, Sink, new EpisodeRunnerOptions(limits, new RewardOptions()), TimeProvider.System);
        return runner.RunAsync(
            new EpisodePlan(new EpisodeId(episode), Environment.Sample(TaskSplit.Train, 1, 3), new SamplingParameters { Seed = 5, Temperature = 0.7 }, 9),
            cancellationToken);
    }

    public void Dispose() => _folder.Dispose();
}
