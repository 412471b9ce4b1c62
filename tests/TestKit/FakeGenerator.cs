using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.TestKit;

/// <summary>An engine that says what a script tells it to, and keeps the requests.</summary>
/// <param name="respond">Gives the response ids; cut off at the request's token limit.</param>
public sealed class FakeGenerator(Func<GenerationRequest, ImmutableArray<int>> respond) : IGenerator
{
    private readonly ConcurrentQueue<GenerationRequest> _requests = new();
    private readonly ConcurrentQueue<Completion> _completions = new();
    private readonly ConcurrentQueue<EpisodeId> _ended = new();

    public IReadOnlyCollection<GenerationRequest> Requests => _requests;

    public IReadOnlyCollection<Completion> Completions => _completions;

    public IReadOnlyCollection<EpisodeId> EndedSessions => _ended;

    /// <summary>Says texts one after the other, each followed by the end token.</summary>
    public static FakeGenerator Saying(params string[] texts)
    {
        var next = new ConcurrentQueue<string>(texts);
        return new FakeGenerator(_ => next.TryDequeue(out var text)
            ? [.. TinyTokenizer.Instance.Encode(text), TinyTokenizer.EndTokenId]
            : throw new InvalidOperationException("The script has come to its end."));
    }

    public Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _requests.Enqueue(request);
        var said = respond(request);
        var ids = said.Length > request.Sampling.MaxNewTokens ? said[..request.Sampling.MaxNewTokens] : said;
        var stopped = ids.Length > 0 && request.Sampling.StopTokenIds.Contains(ids[^1]);
        var completion = new Completion
        {
            Id = request.Id,
            Episode = request.Session,
            Turn = request.Turn,
            PromptIds = request.PromptIds,
            ResponseIds = ids,
            PolicyLogProbs = [.. ids.Select(_ => -1f)],
            BehaviorLogProbs = [.. ids.Select(_ => -1f)],
            TokenVersions = [.. ids.Select(_ => 0L)],
            OldestKvVersion = PolicyVersion.Initial,
            Sampling = request.Sampling,
            FinishReason = stopped ? FinishReason.Stop : FinishReason.Length,
            Timings = new CompletionTimings(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0),
        };
        _completions.Enqueue(completion);
        return Task.FromResult(completion);
    }

    public void EndSession(EpisodeId session) => _ended.Enqueue(session);
}
