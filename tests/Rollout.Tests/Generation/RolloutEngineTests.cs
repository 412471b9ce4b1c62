using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.Rollout.Tests.Decoding;
using Forge.TestKit;

namespace Forge.Rollout.Tests.Generation;

public sealed class RolloutEngineTests
{
    [Theory]
    [InlineData("seq0")]
    [InlineData("seq1")]
    public async Task GenerateAsync_continues_greedily_like_the_golden_policy(string sequence)
    {
        var golden = new GoldenPolicy("m2_tiny_a");
        var options = new RolloutOptions { Slots = 4, MaxContext = 256, PrefillBudget = 16, RecordRouting = true };
        using var engine = RolloutHost.CreateEngine(options, golden.Config, TimeProvider.System);
        await engine.PublishAsync(golden.Weights, TestContext.Current.CancellationToken);
        var prompt = golden.Outputs.Integers($"{sequence}.input_ids");

        var completion = await engine.GenerateAsync(
            EngineFixture.Request("golden", prompt, new SamplingParameters { Temperature = 0, MaxNewTokens = 32 }),
            TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(golden.Outputs.Integers($"{sequence}.greedy"), completion.ResponseIds);
        Assert.Equal(prompt, completion.PromptIds);
        Assert.Equal(32 * 3 * 2, completion.RoutedExperts.Length);
        var firstLayers = golden.Outputs.Integers($"{sequence}.layer2.topk_idx").TakeLast(2).Select(expert => (byte)expert);
        Assert.Equal(firstLayers, completion.RoutedExperts.Skip(4).Take(2));
    }

    [Fact]
    public async Task GenerateAsync_reports_the_log_probabilities_of_a_double_precision_reference()
    {
        using var fixture = await EngineFixture.StartAsync();
        var sampling = new SamplingParameters { Temperature = 0.8, Seed = 3, MaxNewTokens = 60 };

        var completion = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(40, 1), sampling)).DefaultTimeout();

        var ids = completion.PromptIds.AddRange(completion.ResponseIds);
        var logits = new ReferencePolicy(EngineFixture.Config, EngineFixture.Weights(0)).Logits(ids);
        for (var i = 0; i < completion.ResponseIds.Length; i++)
        {
            var scaled = logits[completion.PromptIds.Length + i - 1].Select(x => x / 0.8).ToArray();
            var expected = scaled[completion.ResponseIds[i]] - Math.Log(scaled.Sum(Math.Exp));
            Assert.Equal(expected, completion.PolicyLogProbs[i], 1e-5);
        }

        Assert.Equal(completion.PolicyLogProbs, completion.BehaviorLogProbs);
        Assert.All(completion.TokenVersions, version => Assert.Equal(0, version));
    }

    [Fact]
    public async Task GenerateAsync_ends_with_the_stop_token()
    {
        using var fixture = await EngineFixture.StartAsync();
        var free = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(10, 1))).DefaultTimeout();
        var stop = free.ResponseIds[7];
        var first = free.ResponseIds.IndexOf(stop);

        var sampling = free.Sampling with { StopTokenIds = [stop] };
        var stopped = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(10, 1), sampling)).DefaultTimeout();

        Assert.Equal(FinishReason.Stop, stopped.FinishReason);
        Assert.Equal(free.ResponseIds[..(first + 1)], stopped.ResponseIds);
        Assert.Equal(FinishReason.Length, free.FinishReason);
        Assert.Equal(20, free.ResponseIds.Length);
    }

    [Fact]
    public async Task GenerateAsync_ends_where_the_context_does()
    {
        using var fixture = await EngineFixture.StartAsync();

        var request = EngineFixture.Request("a", EngineFixture.Ids(250, 1), new SamplingParameters { MaxNewTokens = 100 });
        var completion = await fixture.GenerateAsync(request).DefaultTimeout();

        Assert.Equal(FinishReason.Length, completion.FinishReason);
        Assert.Equal(6, completion.ResponseIds.Length);
    }

    [Fact]
    public async Task GenerateAsync_gives_the_same_bits_alone_and_in_a_busy_batch()
    {
        using var quiet = await EngineFixture.StartAsync();
        using var busy = await EngineFixture.StartAsync();
        var request = EngineFixture.Request("it", EngineFixture.Ids(70, 1), new SamplingParameters { Temperature = 1.1, TopP = 0.95, Seed = 9, MaxNewTokens = 90 });
        var alone = await quiet.GenerateAsync(request).DefaultTimeout();

        var others = Enumerable.Range(0, 20).Select(i => busy.GenerateAsync(
            EngineFixture.Request($"other{i}", EngineFixture.Ids(5 + (i * 11), i), new SamplingParameters { Seed = (ulong)i, MaxNewTokens = 3 + (i * 5 % 60) }))).ToArray();
        var crowded = await busy.GenerateAsync(request).DefaultTimeout();
        await Task.WhenAll(others).DefaultTimeout();

        Assert.Equal(alone.ResponseIds, crowded.ResponseIds);
        Assert.Equal(alone.PolicyLogProbs, crowded.PolicyLogProbs);
        Assert.Equal(alone.BehaviorLogProbs, crowded.BehaviorLogProbs);
        Assert.Contains(busy.Decoder.RowsPerStep, rows => rows > busy.Options.Slots);
    }

    [Fact]
    public async Task GenerateAsync_draws_differently_with_another_seed_and_in_another_turn()
    {
        using var fixture = await EngineFixture.StartAsync();
        var prompt = EngineFixture.Ids(10, 1);
        async Task<Completion> Ask(ulong seed, int turn)
            => await fixture.GenerateAsync(EngineFixture.Request("a", prompt, new SamplingParameters { Seed = seed, MaxNewTokens = 20 }, turn)).DefaultTimeout();

        var first = await Ask(1, 0);

        Assert.Equal(first.ResponseIds, (await Ask(1, 0)).ResponseIds);
        Assert.NotEqual(first.ResponseIds, (await Ask(2, 0)).ResponseIds);
        Assert.NotEqual(first.ResponseIds, (await Ask(1, 1)).ResponseIds);
    }

    [Fact]
    public async Task GenerateAsync_says_that_it_was_at_work_when_its_callers_patience_is_over()
    {
        using var fixture = await EngineFixture.StartAsync();
        using var held = new ManualResetEventSlim();
        fixture.Decoder.BeforeStep = _ => held.Wait(TestContext.Current.CancellationToken);
        var request = EngineFixture.Request("a", EngineFixture.Ids(10, 1)) with { Patience = TimeSpan.FromMilliseconds(50) };

        var fault = await Assert.ThrowsAsync<TimeoutException>(() => fixture.GenerateAsync(request).DefaultTimeout());
        held.Set();

        Assert.Contains("00:00:00.05", fault.Message, StringComparison.Ordinal);
        Assert.Equal(20, (await fixture.GenerateAsync(request with { Patience = TimeSpan.FromMinutes(5) }).DefaultTimeout()).ResponseIds.Length);
    }

    [Fact]
    public async Task GenerateAsync_without_weights_is_no_policy_that_took_too_long()
    {
        using var fixture = new EngineFixture();
        var request = EngineFixture.Request("a", EngineFixture.Ids(10, 1)) with { Patience = TimeSpan.FromMilliseconds(50) };

        var fault = await Assert.ThrowsAsync<InfrastructureFaultException>(() => fixture.GenerateAsync(request).DefaultTimeout());

        Assert.Contains("no weights", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_changes_the_version_inside_a_running_completion()
    {
        using var fixture = await EngineFixture.StartAsync();
        var request = EngineFixture.Request("a", EngineFixture.Ids(10, 1), new SamplingParameters { Seed = 1, MaxNewTokens = 240 });
        var undisturbed = await fixture.GenerateAsync(request).DefaultTimeout();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = fixture.Decoder.RowsPerStep.Count;
        fixture.Decoder.BeforeStep = step =>
        {
            // Slow enough for the publication to arrive before the last token; the swap itself comes between two steps.
            if (step >= first + 5)
            {
                started.TrySetResult();
                SpinWait.SpinUntil(() => fixture.Engine.Status.Version.Value == 1, TimeSpan.FromMilliseconds(100));
            }
        };

        var running = fixture.GenerateAsync(EngineFixture.Request("b", request.PromptIds, request.Sampling));
        await started.Task.DefaultTimeout();
        await fixture.PublishAsync(1).DefaultTimeout();
        var completion = await running.DefaultTimeout();

        var old = completion.TokenVersions.Count(version => version == 0);
        Assert.InRange(old, 5, 239);
        Assert.Equal(completion.TokenVersions.Order(), completion.TokenVersions);
        Assert.Equal(1, completion.TokenVersions[^1]);
        Assert.Equal(new PolicyVersion(0), completion.OldestKvVersion);
        Assert.Equal(undisturbed.ResponseIds[..old], completion.ResponseIds[..old]);
        Assert.NotEqual(undisturbed.PolicyLogProbs[old], completion.PolicyLogProbs[old]);
        Assert.Equal(new PolicyVersion(1), fixture.Engine.Status.Version);
    }

    [Fact]
    public async Task PublishAsync_rejects_a_version_that_is_not_newer()
    {
        using var fixture = await EngineFixture.StartAsync();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => fixture.PublishAsync(0)).DefaultTimeout();

        Assert.Contains("version 0 is not newer than the published 0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_that_goes_back_gives_no_later_policy_the_given_up_ones_cache()
    {
        using var fixture = await EngineFixture.StartAsync();
        using var fresh = await EngineFixture.StartAsync();
        await fixture.PublishAsync(1).DefaultTimeout();
        var request = EngineFixture.Request("a", EngineFixture.Ids(30, 1), new SamplingParameters { Seed = 1, MaxNewTokens = 20 });
        await fixture.GenerateAsync(request).DefaultTimeout();

        await fixture.Engine.PublishAsync(EngineFixture.Weights(0) with { GoesBack = true }, TestContext.Current.CancellationToken).DefaultTimeout();
        await fixture.Engine.PublishAsync(EngineFixture.Weights(7) with { Version = new PolicyVersion(1) }, TestContext.Current.CancellationToken).DefaultTimeout();
        await fresh.Engine.PublishAsync(EngineFixture.Weights(7) with { Version = new PolicyVersion(1) }, TestContext.Current.CancellationToken).DefaultTimeout();
        var other = EngineFixture.Request("b", request.PromptIds, request.Sampling);
        var (after, expected) = (await fixture.GenerateAsync(other).DefaultTimeout(), await fresh.GenerateAsync(other).DefaultTimeout());

        Assert.Equal(expected.PolicyLogProbs, after.PolicyLogProbs);
        Assert.Equal(0, after.Timings.CachedPromptTokens);
    }

    [Fact]
    public async Task GenerateAsync_waits_for_the_first_policy()
    {
        using var fixture = new EngineFixture();
        var waiting = fixture.GenerateAsync(EngineFixture.Request("a", [1, 2, 3]));
        Assert.False(waiting.IsCompleted);

        await fixture.PublishAsync(4).DefaultTimeout();

        Assert.Equal(4, (await waiting.DefaultTimeout()).TokenVersions[0]);
    }

    [Fact]
    public async Task GenerateAsync_leaves_the_batch_when_cancelled()
    {
        using var fixture = await EngineFixture.StartAsync();
        using var cancellation = new CancellationTokenSource();
        fixture.Decoder.BeforeStep = step =>
        {
            if (step == 3)
            {
                cancellation.Cancel();
            }
        };
        var request = EngineFixture.Request("a", [1, 2, 3], new SamplingParameters { MaxNewTokens = 200 });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Engine.GenerateAsync(request, cancellation.Token)).DefaultTimeout();
        var next = await fixture.GenerateAsync(EngineFixture.Request("b", [4, 5])).DefaultTimeout();

        Assert.Equal(20, next.ResponseIds.Length);
        Assert.Equal(1, fixture.Engine.Status.Cancelled);
        Assert.InRange(fixture.Decoder.RowsPerStep.Count, 5, 40);
    }

    [Fact]
    public async Task GenerateAsync_makes_callers_wait_when_the_queue_is_full()
    {
        var options = new RolloutOptions { Slots = 1, SharedPrefixes = 0, MaxContext = 64, PrefillBudget = 16, QueueCapacity = 1, Threads = 1 };
        using var fixture = await EngineFixture.StartAsync(options);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => fixture.GenerateAsync(EngineFixture.Request($"s{i}", [1, i])))).DefaultTimeout();

        Assert.All(answers, answer => Assert.Equal(20, answer.ResponseIds.Length));
        Assert.Equal(10, fixture.Engine.Status.Completed);
    }

    [Theory]
    [InlineData(new int[0], "empty prompt")]
    [InlineData(new[] { 1, 64 }, "token id 64 at position 1")]
    [InlineData(new[] { -1 }, "token id -1 at position 0")]
    public async Task GenerateAsync_names_what_is_wrong_with_a_prompt(int[] prompt, string expected)
    {
        using var fixture = new EngineFixture();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => fixture.GenerateAsync(EngineFixture.Request("a", prompt)));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_rejects_a_prompt_that_fills_the_context()
    {
        using var fixture = new EngineFixture();

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(256, 1))));

        Assert.Contains("256 tokens, which leaves no room in the context of 256", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_step_fails_every_request_with_the_cause()
    {
        using var fixture = await EngineFixture.StartAsync();
        fixture.Decoder.BeforeStep = _ => throw new InvalidOperationException("out of memory");

        var running = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.GenerateAsync(EngineFixture.Request("a", [1]))).DefaultTimeout();
        var later = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.GenerateAsync(EngineFixture.Request("b", [1]))).DefaultTimeout();

        Assert.Contains("out of memory", running.Message, StringComparison.Ordinal);
        Assert.Contains("out of memory", later.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_fails_what_waits_and_frees_the_decoder()
    {
        var fixture = new EngineFixture();
        var waiting = fixture.GenerateAsync(EngineFixture.Request("a", [1]));

        fixture.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting).DefaultTimeout();
        Assert.True(fixture.Decoder.Disposed.IsCompleted);
    }
}
