using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.Rollout.Tests.Generation;

/// <summary>What is kept in KV slots between requests, and that keeping it never changes an answer.</summary>
public sealed class CacheTests
{
    [Fact]
    public async Task A_later_turn_computes_only_what_is_new()
    {
        using var fixture = await EngineFixture.StartAsync();
        var first = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(50, 1))).DefaultTimeout();
        int[] prompt = [.. first.PromptIds, .. first.ResponseIds, .. EngineFixture.Ids(30, 2)];

        var second = await fixture.GenerateAsync(EngineFixture.Request("a", prompt, turn: 1)).DefaultTimeout();

        // The last response token was sampled, not computed.
        Assert.Equal(69, second.Timings.CachedPromptTokens);
        Assert.Equal(50 + 31, fixture.Engine.Status.PrefillTokens);
        Assert.Equal(69.0 / 150, fixture.Engine.Status.PrefixHitRate, 6);
        await AssertAsIfFresh(second);
    }

    [Fact]
    public async Task A_rewritten_history_is_recomputed_from_where_it_differs()
    {
        using var fixture = await EngineFixture.StartAsync();
        var first = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(50, 1))).DefaultTimeout();
        int[] prompt = [.. first.PromptIds, .. first.ResponseIds];
        prompt[33] = (prompt[33] + 1) % EngineFixture.Config.VocabSize;

        var second = await fixture.GenerateAsync(EngineFixture.Request("a", prompt, turn: 1)).DefaultTimeout();

        Assert.Equal(33, second.Timings.CachedPromptTokens);
        await AssertAsIfFresh(second);
    }

    [Fact]
    public async Task The_same_prompt_again_computes_one_token()
    {
        using var fixture = await EngineFixture.StartAsync();
        var first = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(50, 1))).DefaultTimeout();

        var second = await fixture.GenerateAsync(EngineFixture.Request("b", first.PromptIds)).DefaultTimeout();

        Assert.Equal(49, second.Timings.CachedPromptTokens);
        Assert.Equal(first.ResponseIds, second.ResponseIds);
        Assert.Equal(first.PolicyLogProbs, second.PolicyLogProbs);
    }

    [Fact]
    public async Task A_group_that_arrives_together_computes_its_prompt_once()
    {
        using var fixture = await EngineFixture.StartAsync();
        var prompt = EngineFixture.Ids(120, 1);

        var group = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => fixture.GenerateAsync(
            EngineFixture.Request($"s{i}", prompt, new SamplingParameters { Seed = (ulong)i, MaxNewTokens = 10 })))).DefaultTimeout();

        Assert.InRange(fixture.Engine.Status.PrefillTokens, 120, 120 + (7 * 17));
        await AssertAsIfFresh(group[^1]);
    }

    [Fact]
    public async Task A_shared_prefix_is_computed_once_per_version()
    {
        using var fixture = await EngineFixture.StartAsync();
        var system = EngineFixture.Ids(100, 1);
        Task<Completion[]> AskAll(string name) => Task.WhenAll(Enumerable.Range(0, 12).Select(i => fixture.GenerateAsync(
            EngineFixture.Request($"{name}{i}", [.. system, .. EngineFixture.Ids(10, 50 + i)], shared: 100))));

        var before = await AskAll("old").DefaultTimeout();
        Assert.Equal(100 + (12 * 10), fixture.Engine.Status.PrefillTokens);
        await fixture.PublishAsync(1).DefaultTimeout();
        var after = await AskAll("new").DefaultTimeout();

        Assert.Equal(2 * (100 + (12 * 10)), fixture.Engine.Status.PrefillTokens);
        Assert.All(before, completion => Assert.Equal(100, completion.Timings.CachedPromptTokens));
        Assert.All(after, completion => Assert.Equal(new PolicyVersion(1), completion.OldestKvVersion));
        await AssertAsIfFresh(before[11]);
    }

    [Fact]
    public async Task More_sessions_than_slots_evict_the_longest_idle()
    {
        var options = new RolloutOptions { Slots = 2, SharedPrefixes = 0, MaxContext = 128, PrefillBudget = 64, Threads = 1 };
        using var fixture = await EngineFixture.StartAsync(options);
        async Task<Completion> Ask(string session, int seed)
            => await fixture.GenerateAsync(EngineFixture.Request(session, EngineFixture.Ids(40, seed))).DefaultTimeout();

        await Ask("a", 1);
        await Ask("b", 2);
        Assert.Equal(39, (await Ask("a", 1)).Timings.CachedPromptTokens);
        await Ask("c", 3);

        Assert.Equal(39, (await Ask("a", 1)).Timings.CachedPromptTokens);
        Assert.Equal(1, fixture.Engine.Status.Evictions);
        Assert.Equal(0, (await Ask("b", 2)).Timings.CachedPromptTokens);
    }

    [Fact]
    public async Task EndSession_gives_the_slot_back_without_an_eviction()
    {
        var options = new RolloutOptions { Slots = 1, SharedPrefixes = 0, MaxContext = 128, PrefillBudget = 64, Threads = 1 };
        using var fixture = await EngineFixture.StartAsync(options);
        await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(40, 1))).DefaultTimeout();
        fixture.Engine.EndSession(new EpisodeId("a"));
        fixture.Engine.EndSession(new EpisodeId("never seen"));

        await fixture.GenerateAsync(EngineFixture.Request("b", EngineFixture.Ids(40, 2))).DefaultTimeout();

        Assert.Equal(0, fixture.Engine.Status.Evictions);
    }

    [Theory]
    [InlineData(true, 69, 0)]
    [InlineData(false, 0, 1)]
    public async Task A_later_turn_under_newer_weights_keeps_or_recomputes_its_cache(bool reuse, int cached, long oldest)
    {
        var options = new RolloutOptions { Slots = 2, SharedPrefixes = 0, MaxContext = 256, PrefillBudget = 64, Threads = 1, ReuseStaleKv = reuse };
        using var fixture = await EngineFixture.StartAsync(options);
        var first = await fixture.GenerateAsync(EngineFixture.Request("a", EngineFixture.Ids(50, 1))).DefaultTimeout();
        await fixture.PublishAsync(1).DefaultTimeout();
        int[] prompt = [.. first.PromptIds, .. first.ResponseIds, .. EngineFixture.Ids(30, 2)];

        var second = await fixture.GenerateAsync(EngineFixture.Request("a", prompt, turn: 1)).DefaultTimeout();

        Assert.Equal(cached, second.Timings.CachedPromptTokens);
        Assert.Equal(new PolicyVersion(oldest), second.OldestKvVersion);
        Assert.All(second.TokenVersions, version => Assert.Equal(1, version));
    }

    // The same request to an engine that has seen nothing else gives the same bits.
    private static async Task AssertAsIfFresh(Completion completion)
    {
        using var fresh = await EngineFixture.StartAsync();
        var request = EngineFixture.Request(completion.Episode.Value, completion.PromptIds, completion.Sampling, completion.Turn);
        var again = await fresh.GenerateAsync(request).DefaultTimeout();

        Assert.Equal(again.ResponseIds, completion.ResponseIds);
        Assert.Equal(again.PolicyLogProbs, completion.PolicyLogProbs);
    }
}
