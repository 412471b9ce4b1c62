using System.Collections.Immutable;
using Forge.Core.Chat;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.Contracts.Tests.Mapping;

/// <summary>Random records of everything that travels; the seed says all.</summary>
internal sealed class WireSamples(int seed)
{
    private readonly Random _random = new(seed);

    public Completion Completion(int? tokens = null)
    {
        var count = tokens ?? _random.Next(0, 40);
        var truncates = tokens is not null || _random.Next(2) == 0;
        var policy = Many(count, () => -_random.NextSingle());
        return new Completion
        {
            Id = new CompletionId(Text()),
            Episode = new EpisodeId(Text()),
            Turn = _random.Next(),
            PromptIds = Many(_random.Next(0, 50), () => _random.Next()),
            ResponseIds = Many(count, () => _random.Next(0, 200_064)),
            PolicyLogProbs = policy,
            BehaviorLogProbs = truncates ? Many(count, () => -_random.NextSingle()) : policy,
            TokenVersions = [.. Many(count, () => (long)_random.Next(0, 3)).Order()],
            OldestKvVersion = new PolicyVersion(_random.NextInt64()),
            Sampling = Sampling(),
            FinishReason = (FinishReason)_random.Next(1, 4),
            RoutedExperts = Many(_random.Next(0, 3) * count, () => (byte)_random.Next(256)),
            Timings = new CompletionTimings(Time(), Time(), Time(), _random.Next()),
        };
    }

    public Group Group() => new(new GroupId(_random.NextInt64()), Reference(), new PolicyVersion(_random.NextInt64()), Many(_random.Next(0, 4), Episode));

    public GroupTicket Ticket() => new(
        new GroupId(_random.NextInt64()), Reference(), new PolicyVersion(_random.NextInt64()), Many(3, () => new EpisodeId(Text())),
        new GroupLease(_random.NextInt64(), new WorkerId(Text())), _random.Next(2) == 0 ? Timeout.InfiniteTimeSpan : Time());

    public DispatchRequest DispatchRequest() => new(
        new WorkerId(Text()), Many(3, () => _random.NextInt64()), _random.Next(1, 9), new GroupId(_random.NextInt64()), Reference());

    public GenerationRequest GenerationRequest() => new()
    {
        Id = new CompletionId(Text()),
        Session = new EpisodeId(Text()),
        Turn = _random.Next(),
        PromptIds = Many(_random.Next(0, 50), () => _random.Next()),
        SharedPrefixLength = _random.Next(),
        Sampling = Sampling(),
        Patience = _random.Next(2) == 0 ? null : Time(),
    };

    public ChatRequest ChatRequest() => new()
    {
        Episode = new EpisodeId(Text()),
        Messages = Many(_random.Next(0, 4), Message),
        Tools = Many(_random.Next(0, 3), () => new ToolDefinition(Text(), Text(), Text()) { FunctionJson = Maybe(Text) }),
        Sampling = Sampling(),
        Patience = _random.Next(2) == 0 ? null : Time(),
    };

    public ChatReply ChatReply() => new()
    {
        Completion = new CompletionId(Text()),
        Message = Message(),
        FinishReason = (FinishReason)_random.Next(1, 4),
        Malformed = _random.Next(2) == 0,
        PromptTokens = _random.Next(),
        ResponseTokens = _random.Next(),
    };

    public EvaluationReport Report() => new(
        new PolicyVersion(_random.NextInt64()),
        Level(),
        Many(_random.Next(0, 5), () => _random.Next()).Distinct().ToImmutableSortedDictionary(level => level, _ => Level()),
        _random.NextDouble(),
        Many(_random.Next(0, 3), Episode));

    private Episode Episode()
    {
        var completions = Many(_random.Next(0, 3), () => Completion());
        return new Episode(new EpisodeId(Text()), new GroupId(_random.NextInt64()), _random.Next(), completions, new EpisodeResult
        {
            Episode = new EpisodeId(Text()),
            Status = (EpisodeStatus)_random.Next(1, 7),
            EndCause = Text(),
            Success = _random.Next(2) == 0,
            Rewards = Many(completions.Length, () => new StepReward(_random.NextDouble(), _random.NextDouble(), _random.NextDouble())),
            ToolCalls = _random.Next(),
            ToolErrors = _random.Next(),
            Elapsed = Time(),
            Detail = Text(),
        });
    }

    private ChatMessage Message() => new()
    {
        Role = (ChatRole)_random.Next(0, 4),
        Content = Text(),
        ContentParts = _random.Next(2) == 0 ? null : Many(_random.Next(0, 3), Text),
        ReasoningContent = Maybe(Text),
        ToolCalls = Many(_random.Next(0, 3), () => new ToolCall(Text(), Text(), Text())),
        ToolCallId = Maybe(Text),
    };

    private TaskReference Reference()
        => new(new TaskId(Text()), Text(), (TaskSplit)_random.Next(1, 3), _random.Next(), (ulong)_random.NextInt64(long.MinValue, long.MaxValue));

    private SamplingParameters Sampling() => new()
    {
        Temperature = _random.NextDouble(),
        TopP = _random.NextDouble(),
        TopK = _random.Next(),
        Seed = (ulong)_random.NextInt64(long.MinValue, long.MaxValue),
        MaxNewTokens = _random.Next(),
        StopTokenIds = Many(_random.Next(0, 3), () => _random.Next()),
    };

    private LevelSuccess Level() => new(_random.NextDouble(), _random.Next(), _random.NextDouble(), _random.NextDouble());

    private TimeSpan Time() => TimeSpan.FromTicks(_random.NextInt64(0, TimeSpan.MaxValue.Ticks));

    // Empty text, and text beyond one byte and one UTF-16 unit.
    private string Text() => string.Concat(Many(_random.Next(0, 6), () => _random.Next(4) switch { 0 => "ä", 1 => "𝄞", 2 => "\0", _ => "x" }));

    private T? Maybe<T>(Func<T> make)
        where T : class
        => _random.Next(2) == 0 ? null : make();

    private static ImmutableArray<T> Many<T>(int count, Func<T> make) => [.. Enumerable.Range(0, count).Select(_ => make())];
}
