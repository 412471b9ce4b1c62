using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Agents;

/// <summary>One tool whose behaviour a test gives; the right answer is "right".</summary>
internal sealed class FakeEnvironment(Func<string, string, Task<ToolObservation>> call) : IEnvironment
{
    public string Name => "fake";

    public ImmutableArray<int> Levels => [1, 2];

    public string SystemPrompt => "Fake.";

    public ImmutableArray<ToolDefinition> Tools => [new("act", "Acts.", """{"type": "object", "properties": {}}""")];

    public List<string> Calls { get; } = [];

    public bool Disposed { get; private set; }

    public Func<string, EnvironmentScore> Verifier { get; init; }
        = answer => answer == "right" ? EnvironmentScore.Solved : EnvironmentScore.Unsolved;

    /// <summary>What the world shows at its start.</summary>
    public Func<string> Opening { get; init; } = () => "";

    public static FakeEnvironment Replying(string text) => new((_, _) => Task.FromResult(ToolObservation.Ok(text)));

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed) => new FakeTask
    {
        Reference = SplitFence.Reference(this, split, difficulty, seed),
        Question = FormattableString.Invariant($"question {difficulty} {seed}?"),
        BaselineTurns = 2,
    };

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed) => new Instance(this);

    public IScriptedSolver Solve(EnvironmentTask task) => throw new NotSupportedException();

    public string Guess(EnvironmentTask task, ulong seed) => "";

    private Task<ToolObservation> CallAsync(string name, string arguments) => call(name, arguments);

    private sealed record FakeTask : EnvironmentTask;

    private sealed class Instance(FakeEnvironment environment) : IEnvironmentInstance
    {
        public Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
        {
            lock (environment.Calls)
            {
                environment.Calls.Add($"{name} {argumentsJson}");
            }

            return environment.CallAsync(name, argumentsJson);
        }

        public async ValueTask<string> BeginAsync(CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            return environment.Opening();
        }

        public EnvironmentScore Score(string finalAnswer) => environment.Verifier(finalAnswer);

        public void Dispose() => environment.Disposed = true;
    }
}
