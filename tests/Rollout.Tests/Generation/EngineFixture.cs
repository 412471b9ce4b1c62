using Forge.Core.Ring;
using Forge.Learning.Model.Configuration;
using Forge.Rollout.Bench;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Tests.Generation;

/// <summary>A small policy behind the real engine, and short ways to ask it.</summary>
internal sealed class EngineFixture : IDisposable
{
    public static readonly M2Config Config = new()
    {
        VocabSize = 64,
        HiddenSize = 32,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        HeadDim = 16,
        RotaryDim = 8,
        NumLocalExperts = 4,
        NumExpertsPerToken = 2,
        IntermediateSize = 16,
        RopeTheta = 10_000,
    };

    public EngineFixture(RolloutOptions? options = null)
    {
        Options = options ?? new RolloutOptions { Slots = 8, SharedPrefixes = 2, MaxContext = 256, PrefillBudget = 64, Threads = 2 };
        var rows = Options.Slots + Options.PrefillBudget;
        Decoder = new ObservedDecoder(new CpuDecoder(Config, Options.Slots + Options.SharedPrefixes, Options.MaxContext, rows, Options.Threads));
        Engine = new RolloutEngine(Decoder, Options, TimeProvider.System);
    }

    public RolloutOptions Options { get; }

    public ObservedDecoder Decoder { get; }

    public RolloutEngine Engine { get; }

    public static async Task<EngineFixture> StartAsync(RolloutOptions? options = null)
    {
        var fixture = new EngineFixture(options);
        await fixture.PublishAsync(0);
        return fixture;
    }

    public static PolicyWeights Weights(long version) => RandomPolicy.Create(Config, new PolicyVersion(version), seed: 100 + (int)version);

    public static int[] Ids(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Config.VocabSize))];
    }

    public static GenerationRequest Request(
        string session, IEnumerable<int> prompt, SamplingParameters? sampling = null, int turn = 0, int shared = 0) => new()
        {
            Id = new CompletionId($"{session}/{turn}"),
            Session = new EpisodeId(session),
            Turn = turn,
            PromptIds = [.. prompt],
            SharedPrefixLength = shared,
            Sampling = sampling ?? new SamplingParameters { Seed = 1, MaxNewTokens = 20 },
        };

    public Task PublishAsync(long version) => Engine.PublishAsync(Weights(version), TestContext.Current.CancellationToken);

    public Task<Completion> GenerateAsync(GenerationRequest request) => Engine.GenerateAsync(request, TestContext.Current.CancellationToken);

    public void Dispose() => Engine.Dispose();
}
