using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Gateway.Harnesses;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Harnesses;

public sealed class HarnessRecorderTests
{
    private static readonly EpisodeId Episode = new("e");

    private readonly RecordingEpisodeSink _pool = new();
    private readonly HarnessRecorder _recorder;

    public HarnessRecorderTests() => _recorder = new HarnessRecorder(_pool, new CompletionReader(TinyTokenizer.Instance, []));

    [Fact]
    public async Task Close_gives_the_kept_completions_in_turn_order_as_messages()
    {
        _recorder.Open(Episode);
        await RecordAsync(1, "t\n</think>\n\nBob");
        await RecordAsync(0, "think\n</think>\n\n\n<minimax:tool_call>\n<invoke name=\"lookup\">\n<parameter name=\"of\">Ann</parameter>\n</invoke>\n</minimax:tool_call>");

        var calls = await _recorder.CloseAsync(Episode, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal("lookup", Assert.Single(calls[0].Message.ToolCalls).Name);
        Assert.Equal(("Bob", false), (calls[1].Message.Content, calls[1].Malformed));
        Assert.Equal(2, _pool.Completions.Count);
    }

    [Fact]
    public async Task Nothing_is_kept_after_the_close()
    {
        _recorder.Open(Episode);
        await _recorder.CloseAsync(Episode, TestContext.Current.CancellationToken).DefaultTimeout();

        var receipt = await RecordAsync(0, "late");

        Assert.Equal(Receipt.Stale, receipt);
        Assert.Empty(_pool.Completions);
    }

    [Fact]
    public async Task A_completion_that_came_twice_counts_once()
    {
        _recorder.Open(Episode);
        await RecordAsync(0, "once");
        await RecordAsync(0, "once");

        Assert.Single(await _recorder.CloseAsync(Episode, TestContext.Current.CancellationToken).DefaultTimeout());
    }

    [Fact]
    public async Task Close_waits_for_a_completion_on_its_way()
    {
        var pool = new SlowSink();
        var recorder = new HarnessRecorder(pool, new CompletionReader(TinyTokenizer.Instance, []));
        recorder.Open(Episode);
        var recording = recorder.RecordAsync(Completion(0, "slow"), TestContext.Current.CancellationToken);

        var closing = recorder.CloseAsync(Episode, TestContext.Current.CancellationToken);
        Assert.False(closing.IsCompleted);
        pool.Kept.SetResult(Receipt.Kept);

        Assert.Single(await closing.DefaultTimeout());
        Assert.Equal(Receipt.Kept, await recording.DefaultTimeout());
    }

    [Fact]
    public async Task Other_episodes_pass()
    {
        Assert.Equal(Receipt.Kept, await RecordAsync(0, "white box"));
        Assert.Single(_pool.Completions);
    }

    private Task<Receipt> RecordAsync(int turn, string text)
        => _recorder.RecordAsync(Completion(turn, text), TestContext.Current.CancellationToken).DefaultTimeout();

    private static Completion Completion(int turn, string text)
    {
        ImmutableArray<int> ids = [.. TinyTokenizer.Instance.Encode(text), TinyTokenizer.EndTokenId];
        return new Completion
        {
            Id = new CompletionId($"e/{turn}"),
            Episode = Episode,
            Turn = turn,
            PromptIds = [1],
            ResponseIds = ids,
            PolicyLogProbs = [.. ids.Select(_ => -1f)],
            BehaviorLogProbs = [.. ids.Select(_ => -1f)],
            TokenVersions = [.. ids.Select(_ => 0L)],
            OldestKvVersion = PolicyVersion.Initial,
            Sampling = new SamplingParameters(),
            FinishReason = FinishReason.Stop,
            Timings = new CompletionTimings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0),
        };
    }

    private sealed class SlowSink : IEpisodeSink
    {
        public TaskCompletionSource<Receipt> Kept { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Receipt> RecordAsync(Completion completion, CancellationToken cancellationToken) => Kept.Task;

        public Task<Receipt> FinishAsync(EpisodeResult result, CancellationToken cancellationToken) => Kept.Task;
    }
}
