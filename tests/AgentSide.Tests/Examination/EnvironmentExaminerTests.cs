using System.Collections.Immutable;
using Forge.AgentSide.Calc;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Examination;
using Forge.AgentSide.Puzzles;
using Forge.AgentSide.Records;
using Forge.AgentSide.Tests.Puzzles;
using Forge.AgentSide.Tools;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Examination;

/// <summary>Sound environments pass; each check finds the environment that breaks its promise.</summary>
public sealed class EnvironmentExaminerTests
{
    private static int _made;

    [Fact]
    public async Task The_built_in_environments_pass()
    {
        Func<IEnvironment>[] sound = [() => new RecordsEnvironment(new RecordsOptions()), () => new CalcEnvironment(new CalcOptions()), () => new HiddenNumber()];

        foreach (var create in sound)
        {
            var report = await ExamineAsync(create);

            Assert.Empty(report.Failures);
            Assert.Equal(["determinism", "splits", "bad calls", "rewards", "leaks"], report.Findings.Select(finding => finding.Check));
            Assert.All(report.Findings, finding => Assert.Equal(ExaminationVerdict.Passed, finding.Verdict));
            Assert.Equal(create().Levels, report.Costs.Select(cost => cost.Level));
            Assert.All(report.Costs, cost => Assert.True(cost is { CallsPerEpisode: > 0, BytesPerTurn: > 0 } && cost.TurnsPerEpisode > 1));
        }
    }

    [Fact]
    public async Task Tasks_that_differ_from_one_making_to_the_next_are_found()
        => await FindsAsync(() => new Restless(), "determinism", "another time");

    [Fact]
    public async Task Results_that_differ_from_one_play_to_the_next_are_found()
        => await FindsAsync(() => new Moody(), "determinism", "different results");

    [Fact]
    public async Task Tasks_on_both_sides_are_found()
        => await FindsAsync(() => new Fenceless(), "splits", "both train and held out");

    [Fact]
    public async Task A_tool_that_throws_is_found()
        => await FindsAsync(() => new Fragile(), "bad calls", "throws");

    [Fact]
    public async Task A_verifier_that_takes_more_than_the_answer_is_found()
        => await FindsAsync(() => new Lenient(), "rewards", "counts as right");

    [Fact]
    public async Task An_answer_in_the_prompt_is_found()
        => await FindsAsync(() => new Talkative(), "leaks", "the prompt");

    [Fact]
    public async Task An_answer_in_what_a_tool_says_to_a_bad_call_is_found()
        => await FindsAsync(() => new Blabbing(), "leaks", "bad calls");

    [Fact]
    public async Task An_environment_without_a_player_is_examined_as_far_as_it_goes()
    {
        var report = await ExamineAsync(() => new Playerless());

        Assert.Empty(report.Failures);
        Assert.Equal(
            ["leaks", "rewards"], report.Findings.Where(finding => finding.Verdict == ExaminationVerdict.Skipped).Select(finding => finding.Check).Order());
    }

    private static async Task FindsAsync(Func<IEnvironment> create, string check, string detail)
    {
        var report = await ExamineAsync(create);

        var failure = Assert.Single(report.Failures, finding => finding.Check == check);
        Assert.Contains(detail, failure.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }

    private static Task<ExaminationReport> ExamineAsync(Func<IEnvironment> create)
        => EnvironmentExaminer.ExamineAsync(create, new ExaminationOptions { Tasks = 60 }, TestContext.Current.CancellationToken).DefaultTimeout();

    private sealed class Restless : HiddenNumber
    {
        private readonly int _me = Interlocked.Increment(ref _made);

        protected override Puzzle Draw(int level, ref SeededRandom random) => base.Draw(level, ref random) with { Question = $"{_me} {random.Next(1000)}?" };
    }

    private sealed class Moody : HiddenNumber
    {
        private readonly int _me = Interlocked.Increment(ref _made);

        protected override double FailureRate => _me % 2 == 0 ? 0.5 : 0;
    }

    private sealed class Fenceless : Wrapped
    {
        public override EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
            => Inner.Sample(TaskSplit.Train, difficulty, seed) with { Reference = SplitFence.Reference(this, split, difficulty, seed) };
    }

    private sealed class Fragile : Wrapped
    {
        protected override ToolObservation Seen(ToolObservation inner, EnvironmentTask task)
            => inner.Outcome == ToolOutcome.InvalidCall ? throw new FormatException("odd") : inner;
    }

    private sealed class Blabbing : Wrapped
    {
        protected override ToolObservation Seen(ToolObservation inner, EnvironmentTask task)
            => inner.Outcome == ToolOutcome.InvalidCall ? ToolObservation.Invalid($"not that; say {((PuzzleTask)task).Puzzle.Answer}") : inner;
    }

    private sealed class Playerless : Wrapped
    {
        public override bool HasSolver => false;
    }

    private sealed class Lenient : HiddenNumber
    {
        protected override bool IsRight(Puzzle puzzle, string answer) => answer.Contains(puzzle.Answer, StringComparison.Ordinal);
    }

    private sealed class Talkative : HiddenNumber
    {
        protected override Puzzle Draw(int level, ref SeededRandom random)
        {
            var puzzle = base.Draw(level, ref random);
            return puzzle with { Question = $"{puzzle.Question} (not {puzzle.Answer}, surely)" };
        }
    }

    private abstract class Wrapped : IEnvironment
    {
        public string Name => Inner.Name;

        public ImmutableArray<int> Levels => Inner.Levels;

        public string SystemPrompt => Inner.SystemPrompt;

        public ImmutableArray<Forge.Core.Chat.ToolDefinition> Tools => Inner.Tools;

        public virtual bool HasSolver => true;

        protected HiddenNumber Inner { get; } = new();

        public virtual EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed) => Inner.Sample(split, difficulty, seed);

        public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed) => new Instance(this, task, Inner.Open(task, episodeSeed));

        public IScriptedSolver Solve(EnvironmentTask task) => Inner.Solve(task);

        public string Guess(EnvironmentTask task, ulong seed) => Inner.Guess(task, seed);

        protected virtual ToolObservation Seen(ToolObservation inner, EnvironmentTask task) => inner;

        private sealed class Instance(Wrapped environment, EnvironmentTask task, IEnvironmentInstance inner) : IEnvironmentInstance
        {
            public async Task<ToolObservation> CallToolAsync(string name, string argumentsJson, CancellationToken cancellationToken)
                => environment.Seen(await inner.CallToolAsync(name, argumentsJson, cancellationToken), task);

            public EnvironmentScore Score(string finalAnswer) => inner.Score(finalAnswer);

            public void Dispose() => inner.Dispose();
        }
    }
}
