using Forge.AgentSide.Agents;
using Forge.AgentSide.Demonstrations;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Evaluation;
using Forge.AgentSide.Rewards;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.TestKit;

namespace Forge.Gateway.Tests;

/// <summary>A policy that says what was demonstrated must see exactly the prompts that were demonstrated.</summary>
public sealed class DemonstrationFidelityTests
{
    private static readonly MiniMaxM2ChatFormat Format = new();

    [Theory]
    [InlineData("records")]
    [InlineData("calc")]
    public async Task Playing_a_demonstration_through_the_gateway_gives_its_token_ids(string name)
    {
        var environment = EnvironmentCatalog.Create(new EnvironmentOptions { Name = name });
        var tokenizer = ByteLevelBpeTokenizer.Parse(BaseTokenizer.Train(environment, Format, new DemonstrationOptions { VocabularySize = 600 }));
        var demonstrator = new ScriptedDemonstrator(environment, tokenizer, Format, new DemonstrationOptions());
        var collector = new EpisodeCollector();

        for (var seed = 0UL; seed < 40; seed++)
        {
            var task = environment.Sample(TaskSplit.Train, environment.Levels[(int)(seed % 4)], seed);
            var turns = demonstrator.Tokenise(ScriptedEpisode.Play(environment, task, seed));
            var engine = new FakeGenerator(request => turns[request.Turn].ResponseIds);
            var gateway = new ChatGateway(engine, collector, tokenizer, Format, new GatewayOptions { ContextLength = 100_000 });
            var limits = new AgentLimits { MaxTurns = 100, MaxTokens = 100_000, MaxNewTokens = 1000 };
            var runner = new EpisodeRunner(
                environment, gateway, collector, new EpisodeRunnerOptions(limits, new RewardOptions()), TimeProvider.System);

            var plan = new EpisodePlan(new EpisodeId($"e{seed}"), task, new SamplingParameters(), seed);
            var result = await runner.RunAsync(plan, TestContext.Current.CancellationToken).DefaultTimeout();

            var completions = collector.Take(plan.Episode, new GroupId(0), 0).Completions;
            Assert.True(result.Success, $"{task.Reference.Id}: {result.EndCause} {result.Detail}");
            Assert.Equal(turns.Select(turn => turn.PromptIds.AsEnumerable()), completions.Select(completion => completion.PromptIds.AsEnumerable()));
            Assert.Equal(turns.Select(turn => turn.ResponseIds.AsEnumerable()), completions.Select(completion => completion.ResponseIds.AsEnumerable()));
        }
    }
}
