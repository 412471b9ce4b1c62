using Forge.Core.Ring;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Tracing;
using Forge.Rollout.Bench;
using Forge.TestKit;
using static TorchSharp.torch;

namespace Forge.Rollout.Tests.Generation;

/// <summary>The log-probabilities that the engine recorded, against the trainer's model on the same weights.</summary>
public sealed class TrainerAgreementTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Log_probabilities_agree_with_the_trainers_model_where_the_experts_do()
    {
        const double Temperature = 0.9;
        var config = RandomPolicy.ReferenceConfig;
        var weights = RandomPolicy.Create(config, PolicyVersion.Initial, 5);
        var options = new RolloutOptions { Slots = 8, MaxContext = 512, RecordRouting = true };
        using var engine = RolloutHost.CreateEngine(options, config, TimeProvider.System);
        await engine.PublishAsync(weights, TestContext.Current.CancellationToken);
        var random = new Random(6);
        var completions = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => engine.GenerateAsync(
            EngineFixture.Request(
                $"s{i}",
                Enumerable.Range(0, 100).Select(_ => random.Next(config.VocabSize)),
                new SamplingParameters { Temperature = Temperature, TopP = 0.9, Seed = (ulong)i, MaxNewTokens = 300 }),
            TestContext.Current.CancellationToken))).DefaultTimeout();
        using var model = new MiniMaxM2ForCausalLM(config, ModelPlacement.CpuFloat32);
        PolicyWeightsCodec.FromPolicyWeights(model, weights);

        var scored = completions.SelectMany(completion => Score(model, completion, Temperature)).ToList();

        var agreeing = scored.Where(token => token.SameExperts).Select(token => token.Difference).Order().ToList();
        var disagreeing = 1 - ((double)agreeing.Count / scored.Count);
        output.WriteLine($"{scored.Count} tokens, experts differ for {disagreeing:P2}; |Δ| 99.9 %: {agreeing[(int)(agreeing.Count * 0.999)]:E2}, max {agreeing[^1]:E2}");
        Assert.InRange(agreeing[(int)(agreeing.Count * 0.999)], 0, 1e-5);
        Assert.InRange(agreeing[^1], 0, 1e-3);
        Assert.InRange(disagreeing, 0, 0.01);
    }

    private static List<(double Difference, bool SameExperts)> Score(MiniMaxM2ForCausalLM model, Completion completion, double temperature)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var trace = new ForwardTrace(TraceContents.Choices);
        long[] ids = [.. completion.PromptIds.AddRange(completion.ResponseIds).Select(id => (long)id)];
        var layout = PackedSequences.FromLengths(ids.Length - 1);
        var hidden_ND = model.Forward(new ModelInput(tensor(ids[..^1]), layout.Positions(CPU), layout), trace);
        var logProbs = model.Score(hidden_ND, tensor(ids[1..]), temperature).LogProb_M.data<float>().ToArray();
        var choices = trace.Layers.Select(layer => layer.Choices_NC!.contiguous().data<long>().ToArray()).ToArray();
        var top = model.Config.NumExpertsPerToken;
        var first = completion.PromptIds.Length - 1;
        return
        [
            .. completion.ResponseIds.Select((_, i) =>
            {
                var recorded = completion.RoutedExperts.Slice(i * choices.Length * top, choices.Length * top).Select(expert => (long)expert);
                var same = choices.SelectMany(layer => layer.Skip((first + i) * top).Take(top)).SequenceEqual(recorded);
                return (Math.Abs((double)completion.PolicyLogProbs[i] - logProbs[first + i]), same);
            }),
        ];
    }
}
