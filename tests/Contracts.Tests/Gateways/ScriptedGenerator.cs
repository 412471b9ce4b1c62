using System.Collections.Concurrent;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.Contracts.Tests.Gateways;

/// <summary>An engine that a test scripts call by call; unless told otherwise, it echoes the episode's id.</summary>
internal sealed class ScriptedGenerator : IGenerator
{
    private readonly ConcurrentQueue<EpisodeId> _ended = new();

    public ScriptedGenerator() => Answer = (request, cancellationToken) => SayAsync($"t\n</think>\n\n{request.Session}", request, cancellationToken);

    public Func<GenerationRequest, CancellationToken, Task<Completion>> Answer { get; set; }

    public IReadOnlyCollection<EpisodeId> EndedSessions => _ended;

    /// <summary>One answer in the policy's own format.</summary>
    public static Task<Completion> SayAsync(string text, GenerationRequest request, CancellationToken cancellationToken)
        => FakeGenerator.Saying(text).GenerateAsync(request, cancellationToken);

    public Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken) => Answer(request, cancellationToken);

    public void EndSession(EpisodeId session) => _ended.Enqueue(session);
}
