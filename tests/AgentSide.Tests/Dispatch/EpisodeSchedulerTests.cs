using System.Collections.Concurrent;
using Forge.AgentSide.Agents;
using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Rewards;
using Forge.AgentSide.Tests.Agents;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Dispatch;

public sealed class EpisodeSchedulerTests
{
    private readonly RecordingEpisodeSink _sink = new();

    [Fact]
    public async Task Run_plays_every_episode_of_every_group_on_the_group_s_task()
    {
        var asked = new ConcurrentDictionary<EpisodeId, string>();
        var gateway = new FakeChatGateway((request, _) =>
        {
            asked[request.Episode] = request.Messages[1].Content;
            return Task.FromResult(FakeChatGateway.Say("right"));
        });

        await RunUntilDrainedAsync(gateway, groups: 5, episodes: 3, concurrency: 15);

        Assert.Equal(15, _sink.Results.Select(result => result.Episode).Distinct().Count());
        Assert.All(asked.GroupBy(entry => entry.Key.Value.Split('-')[0]), group => Assert.Single(group.Select(entry => entry.Value).Distinct()));
        Assert.Equal(5, asked.Values.Distinct().Count());
    }

    [Fact]
    public async Task Run_keeps_to_the_bound_on_concurrency_and_reaches_it()
    {
        var running = 0;
        var most = 0;
        var gate = new Lock();
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++running);
                if (running == 6)
                {
                    full.TrySetResult();
                }
            }

            // Nobody is answered before as many wait as may.
            await full.Task.WaitAsync(cancel);
            await Task.Yield();
            lock (gate)
            {
                running--;
            }

            return FakeChatGateway.Say("right");
        });

        await RunUntilDrainedAsync(gateway, groups: 10, episodes: 4, concurrency: 6);

        Assert.Equal(6, most);
        Assert.Equal(40, _sink.Results.Count);
    }

    [Fact]
    public async Task Run_draws_every_episode_from_its_own_seed_and_the_same_seeds_again()
    {
        var first = await SeedsAsync(seed: 3);
        var again = await SeedsAsync(seed: 3);
        var other = await SeedsAsync(seed: 4);

        Assert.Equal(8, first.Values.Distinct().Count());
        Assert.Equal(first.OrderBy(entry => entry.Key.Value), again.OrderBy(entry => entry.Key.Value));
        Assert.Empty(first.Values.Intersect(other.Values));
    }

    [Fact]
    public async Task Run_stops_all_and_throws_when_an_episode_breaks_the_machinery()
    {
        var gateway = new FakeChatGateway(async (request, cancel) =>
        {
            if (request.Episode.Value == "g1-0")
            {
                throw new InvalidOperationException("a bug");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return FakeChatGateway.Say("right");
        });
        var scheduler = Scheduler(gateway, new FakeDispatcher(3), episodes: 2, concurrency: 6, seed: 1);

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            () => scheduler.RunAsync(TestContext.Current.CancellationToken).DefaultTimeout());

        Assert.Equal("a bug", thrown.Message);
        Assert.Empty(_sink.Results);
    }

    [Fact]
    public async Task Run_returns_when_cancelled_and_leaves_running_episodes_unposted()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return FakeChatGateway.Say("right");
        });

        await Scheduler(gateway, new FakeDispatcher(100), episodes: 2, concurrency: 4, seed: 1).RunAsync(stop.Token).DefaultTimeout();

        Assert.Empty(_sink.Results);
    }

    [Fact]
    public async Task Run_stops_the_episodes_of_a_lost_lease_and_plays_on()
    {
        var time = new ManualTimeProvider();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gateway = new FakeChatGateway(async (request, cancel) =>
        {
            if (request.Episode.Value == "g0-0")
            {
                using var registration = cancel.Register(() => stopped.TrySetResult());
                started.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            }

            return FakeChatGateway.Say("right");
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var dispatcher = new FakeDispatcher(2) { LeaseDuration = TimeSpan.FromSeconds(30), Lose = true };
        var run = Scheduler(gateway, dispatcher, 1, 1, 1, new WorkerId("w1"), time).RunAsync(stop.Token);
        await started.Task.DefaultTimeout();

        while (!stopped.Task.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        await _sink.ResultsAsync(1).DefaultTimeout();
        await stop.CancelAsync();
        await run.DefaultTimeout();

        Assert.Equal("g1-0", Assert.Single(_sink.Results).Episode.Value);
    }

    [Fact]
    public async Task Run_hands_back_what_it_did_not_finish()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return FakeChatGateway.Say("right");
        });
        var dispatcher = new FakeDispatcher(1) { LeaseDuration = TimeSpan.FromSeconds(30) };

        await Scheduler(gateway, dispatcher, 2, 2, 1, new WorkerId("w1")).RunAsync(stop.Token).DefaultTimeout();

        Assert.Equal([1], Assert.Single(dispatcher.Released));
    }

    private async Task<Dictionary<EpisodeId, ulong>> SeedsAsync(ulong seed)
    {
        var gateway = FakeChatGateway.Answering(FakeChatGateway.Say("right"));
        await RunUntilDrainedAsync(gateway, groups: 4, episodes: 2, concurrency: 3, seed);
        return gateway.Requests.ToDictionary(request => request.Episode, request => request.Sampling.Seed);
    }

    [Fact]
    public async Task Run_lets_running_episodes_finish_when_it_is_asked_to_end()
    {
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            await ending.Task.WaitAsync(cancel);
            return FakeChatGateway.Say("right");
        });
        var dispatcher = new FakeDispatcher(groups: 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = Scheduler(gateway, dispatcher, episodes: 2, concurrency: 3, seed: 1, new WorkerId("w"), drain: TimeSpan.FromMinutes(1)).RunAsync(stop.Token);
        await dispatcher.Drained.DefaultTimeout();

        await stop.CancelAsync();
        ending.SetResult();
        await run.DefaultTimeout();

        Assert.Equal(2, _sink.Results.Count);
        Assert.Empty(dispatcher.Released);
    }

    [Fact]
    public async Task Run_hands_back_what_does_not_finish_in_the_time_to_drain()
    {
        var gateway = new FakeChatGateway(async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return FakeChatGateway.Say("never");
        });
        var dispatcher = new FakeDispatcher(groups: 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = Scheduler(gateway, dispatcher, episodes: 2, concurrency: 3, seed: 1, new WorkerId("w"), drain: TimeSpan.FromMilliseconds(50)).RunAsync(stop.Token);
        await dispatcher.Drained.DefaultTimeout();

        await stop.CancelAsync();
        await run.DefaultTimeout();

        Assert.Empty(_sink.Results);
        Assert.Equal([1L], Assert.Single(dispatcher.Released));
    }

    private async Task RunUntilDrainedAsync(FakeChatGateway gateway, int groups, int episodes, int concurrency, ulong seed = 1)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var dispatcher = new FakeDispatcher(groups);
        var expected = _sink.Results.Count + (groups * episodes);
        var run = Scheduler(gateway, dispatcher, episodes, concurrency, seed).RunAsync(stop.Token);
        await Task.WhenAny(dispatcher.Drained, run).DefaultTimeout();
        await Task.WhenAny(_sink.ResultsAsync(expected), run).DefaultTimeout();
        await stop.CancelAsync();
        await run.DefaultTimeout();
    }

    private EpisodeScheduler Scheduler(
        FakeChatGateway gateway, FakeDispatcher dispatcher, int episodes, int concurrency, ulong seed, WorkerId? worker = null, TimeProvider? time = null,
        TimeSpan drain = default)
    {
        var environment = FakeEnvironment.Replying("seen");
        var runner = new EpisodeRunner(
            environment, gateway, _sink, new EpisodeRunnerOptions(new AgentLimits(), new RewardOptions()), TimeProvider.System);
        return new EpisodeScheduler(
            dispatcher,
            runner,
            new TaskCurriculum(environment, new CurriculumOptions(), seed),
            new EpisodeSchedulerOptions(episodes, concurrency, new SamplingParameters(), seed) { Worker = worker ?? WorkerId.Local, Drain = drain },
            time ?? TimeProvider.System);
    }
}
