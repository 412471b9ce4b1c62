using System.Collections.Concurrent;
using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Evaluation;

/// <summary>A gateway behind which the scripted solver sits instead of a model; it gives wrong answers where a test says so.</summary>
internal sealed class SolverGateway : IChatGateway
{
    private readonly IEnvironment _environment;
    private readonly ImmutableDictionary<string, EnvironmentTask> _tasks;
    private readonly Func<ChatRequest, EnvironmentTask, bool> _solves;
    private readonly IEpisodeSink _sink;
    private readonly ConcurrentDictionary<EpisodeId, IScriptedSolver> _solvers = new();

    public SolverGateway(
        IEnvironment environment, IEnumerable<EnvironmentTask> tasks, IEpisodeSink sink, Func<ChatRequest, EnvironmentTask, bool> solves)
    {
        _environment = environment;
        _tasks = tasks.DistinctBy(task => task.Question).ToImmutableDictionary(task => task.Question);
        _sink = sink;
        _solves = solves;
    }

    public ConcurrentBag<ChatRequest> Requests { get; } = [];

    public async Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        var task = _tasks[request.Messages[1].Content];
        var solver = _solvers.GetOrAdd(request.Episode, _ => _environment.Solve(task));
        var last = request.Messages.Reverse().TakeWhile(message => message.Role == ChatRole.Tool).Reverse();
        var message = solver.Next([.. last.Select(Observe)]);
        var reply = FakeChatGateway.Reply(message.ToolCalls.IsEmpty && !_solves(request, task) ? message with { Content = "nonsense" } : message);
        await _sink.RecordAsync(Completions.Of(request.Episode, request.Messages.Count(earlier => earlier.Role == ChatRole.Assistant)), cancellationToken);
        return reply;
    }

    public void EndSession(EpisodeId episode) => _solvers.TryRemove(episode, out _);

    private static ToolObservation Observe(ChatMessage message)
        => new(message.Content, message.Content.StartsWith("error", StringComparison.Ordinal) ? ToolOutcome.TransientFailure : ToolOutcome.Ok);
}
