using System.Collections.Immutable;
using Forge.Contracts.Tests.Generators;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Rollout;
using Forge.TestKit;

namespace Forge.Contracts.Tests.PolicySinks;

/// <summary>What every way to the engine promises to trainers, wherever it runs: real weights into a real engine.</summary>
public abstract class PolicySinkConformance : IAsyncLifetime
{
    private readonly CancellationToken _test = TestContext.Current.CancellationToken;
    private readonly HeldDecoder _decoder = SmallEngine.Decoder();

    protected RolloutEngine Engine { get; private set; } = null!;

    protected IPolicySink Sink { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Engine = SmallEngine.Over(_decoder);
        Sink = await OpenAsync(Engine).DefaultTimeout();
    }

    public async ValueTask DisposeAsync()
    {
        _decoder.LetGo();
        await CloseAsync();
        Engine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task When_it_returns_the_engine_decodes_with_exactly_these_weights()
    {
        for (var version = 0; version < 4; version++)
        {
            await PublishAsync(SmallEngine.Weights(version));

            Assert.Equal(version, Engine.Status.Version.Value);
            await AssertDecodesWithAsync(version);
        }
    }

    [Fact]
    public async Task A_small_step_arrives_bit_for_bit()
    {
        await PublishAsync(SmallEngine.Weights(0));
        var stepped = Nudged(SmallEngine.Weights(0), new PolicyVersion(1));
        await PublishAsync(stepped);

        var there = await GenerateAsync(Engine, "a").DefaultTimeout();
        using var other = SmallEngine.Over(SmallEngine.Decoder());
        await other.PublishAsync(stepped, _test).DefaultTimeout();

        Assert.Equal((await GenerateAsync(other, "a").DefaultTimeout()).PolicyLogProbs, there.PolicyLogProbs);
    }

    [Fact]
    public async Task Requests_under_way_are_not_dropped_and_end_with_the_newer_policy()
    {
        await PublishAsync(SmallEngine.Weights(0));
        var standing = _decoder.Hold();
        var running = Enumerable.Range(0, 20).Select(index => GenerateAsync(Engine, $"e{index}", maxNewTokens: 200)).ToArray();
        await standing.DefaultTimeout();

        var publishing = Sink.PublishAsync(SmallEngine.Weights(1), _test);
        _decoder.LetGo();
        await publishing.DefaultTimeout();

        foreach (var completion in await Task.WhenAll(running).DefaultTimeout())
        {
            Assert.Equal((FinishReason.Length, 200), (completion.FinishReason, completion.ResponseIds.Length));
            Assert.Equal(completion.TokenVersions.Order(), completion.TokenVersions);
        }

        Assert.All((await GenerateAsync(Engine, "late").DefaultTimeout()).TokenVersions, version => Assert.Equal(1, version));
    }

    [Fact]
    public async Task It_does_not_return_before_the_engine_has_swapped()
    {
        await PublishAsync(SmallEngine.Weights(0));
        var standing = _decoder.Hold();
        var running = GenerateAsync(Engine, "e");
        await standing.DefaultTimeout();

        var publishing = Sink.PublishAsync(SmallEngine.Weights(1), _test);
        await Task.WhenAny(publishing, Task.Delay(TimeSpan.FromMilliseconds(200), _test));

        Assert.False(publishing.IsCompleted);
        _decoder.LetGo();
        await publishing.DefaultTimeout();
        await running.DefaultTimeout();
    }

    [Fact]
    public async Task Publications_at_the_same_time_come_one_after_the_other()
    {
        await PublishAsync(SmallEngine.Weights(0));

        await Task.WhenAll(Enumerable.Range(1, 5).Select(version => Sink.PublishAsync(SmallEngine.Weights(version), _test))).DefaultTimeout();

        await AssertDecodesWithAsync(5);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("unknown")]
    [InlineData("misshaped")]
    public async Task Weights_that_do_not_fit_are_refused_by_name_and_the_policy_before_stays(string problem)
    {
        await PublishAsync(SmallEngine.Weights(0));
        var (bad, name) = Bad(problem);

        var fault = await Assert.ThrowsAsync<ArgumentException>(() => Sink.PublishAsync(bad, _test).DefaultTimeout());

        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        await AssertDecodesWithAsync(0);
        await PublishAsync(SmallEngine.Weights(1));
        await AssertDecodesWithAsync(1);
    }

    [Fact]
    public async Task An_older_version_is_refused_and_the_newer_stays()
    {
        await PublishAsync(SmallEngine.Weights(3));

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => Sink.PublishAsync(SmallEngine.Weights(2), _test).DefaultTimeout());

        Assert.False(fault is OperationCanceledException or ForgeException { IsTransient: true });
        Assert.Contains("not newer", fault.Message, StringComparison.Ordinal);
        await AssertDecodesWithAsync(3);
    }

    [Fact]
    public async Task What_is_cancelled_before_it_begins_changes_nothing()
    {
        await PublishAsync(SmallEngine.Weights(0));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Sink.PublishAsync(SmallEngine.Weights(1), new CancellationToken(canceled: true)).DefaultTimeout());

        await AssertDecodesWithAsync(0);
    }

    /// <summary>Opens the way to an engine.</summary>
    protected abstract Task<IPolicySink> OpenAsync(RolloutEngine engine);

    protected abstract ValueTask CloseAsync();

    protected Task PublishAsync(PolicyWeights weights) => Sink.PublishAsync(weights, _test).DefaultTimeout();

    protected async Task AssertDecodesWithAsync(long version)
    {
        using var other = SmallEngine.Over(SmallEngine.Decoder());
        await other.PublishAsync(SmallEngine.Weights(version), _test).DefaultTimeout();
        var (expected, actual) = (await GenerateAsync(other, $"v{version}").DefaultTimeout(), await GenerateAsync(Engine, $"v{version}").DefaultTimeout());
        Assert.Equal(RecordText.Of(expected with { Timings = actual.Timings }), RecordText.Of(actual));
    }

    private static (PolicyWeights Weights, string Name) Bad(string problem)
    {
        var good = SmallEngine.Weights(1);
        var first = good.Tensors[0];
        return problem switch
        {
            "missing" => (good with { Tensors = good.Tensors.RemoveAt(0) }, first.Name),
            "unknown" => (good with { Tensors = good.Tensors.Add(new WeightTensor("model.surplus.weight", "F32", [1], new byte[4])) }, "model.surplus.weight"),
            _ => (good with { Tensors = good.Tensors.SetItem(0, first with { Shape = [.. first.Shape.Reverse()] }) }, first.Name),
        };
    }

    private static PolicyWeights Nudged(PolicyWeights weights, PolicyVersion version)
    {
        var tensors = weights.Tensors.Select(tensor =>
        {
            var data = tensor.Data.ToArray();
            for (var low = 0; low < data.Length; low += 4)
            {
                data[low] ^= 1;
            }

            return tensor with { Data = data };
        });
        return new PolicyWeights(version, tensors.ToImmutableArray());
    }

    private Task<Completion> GenerateAsync(RolloutEngine engine, string session, int maxNewTokens = 12) => engine.GenerateAsync(
        new GenerationRequest
        {
            Id = new CompletionId($"{session}/0"),
            Session = new EpisodeId(session),
            Turn = 0,
            PromptIds = [1, 2, 3, 4, 5],
            Sampling = new SamplingParameters { Seed = 3, MaxNewTokens = maxNewTokens },
        },
        _test);
}
