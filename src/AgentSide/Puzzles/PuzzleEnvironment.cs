using System.Collections.Immutable;
using System.Reflection;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.AgentSide.Puzzles;

/// <summary>
/// The short way to an environment: draw a question with its answer, mark methods as tools, and show how one plays. Seeds, the fence
/// between train and held-out tasks, tool schemas, reading what a model wrote into a call, and judging are done here.
/// </summary>
public abstract class PuzzleEnvironment : IEnvironment
{
    // An environment with so few puzzles has none for one of the sides.
    private const int MostDraws = 10_000;

    private const int MostTurns = 1000;

    // Static tools of a base class too.
    private const BindingFlags PublicMethods = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private readonly ImmutableDictionary<string, PuzzleTool> _tools;

    protected PuzzleEnvironment()
    {
        var tools = GetType().GetMethods(PublicMethods).OrderBy(method => method.MetadataToken)
            .Where(method => method.IsDefined(typeof(ToolAttribute)))
            .Select(method => new PuzzleTool(method, method.GetCustomAttribute<ToolAttribute>()!)).ToList();
        _tools = tools.ToImmutableDictionary(tool => tool.Definition.Name);
        Tools = [.. tools.Select(tool => tool.Definition)];
    }

    public abstract string Name { get; }

    public abstract string SystemPrompt { get; }

    public ImmutableArray<int> Levels => [.. Enumerable.Range(1, HardestLevel)];

    public ImmutableArray<ToolDefinition> Tools { get; }

    /// <summary>Levels count from 1 to this.</summary>
    protected virtual int HardestLevel => 1;

    /// <summary>Fraction of tool calls that fail and work when tried again, in [0, 1).</summary>
    protected virtual double FailureRate => 0;

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
    {
        var reference = SplitFence.Reference(this, split, difficulty, seed);
        var random = SplitFence.RandomOf(reference);
        for (var draw = 0; draw < MostDraws; draw++)
        {
            var puzzle = Draw(difficulty, ref random);
            if (SplitFence.SideOf(puzzle.Question) == split)
            {
                return new PuzzleTask { Reference = reference, Question = puzzle.Question, BaselineTurns = TurnsOf(puzzle), Puzzle = puzzle };
            }
        }

        throw new InvalidOperationException(
            $"Environment '{Name}' drew {MostDraws} puzzles of level {difficulty} and none for {split}: its questions are too few. "
            + "Let the question itself differ from puzzle to puzzle.");
    }

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed)
    {
        var puzzle = ((PuzzleTask)task).Puzzle;
        return new PuzzleInstance(this, puzzle, Start(puzzle), new TransientFaults(task.Reference.Seed, episodeSeed, FailureRate));
    }

    public IScriptedSolver Solve(EnvironmentTask task) => new PuzzlePlayer(((PuzzleTask)task).Puzzle, Play);

    /// <summary>The answer of another puzzle of the level, unless the environment knows a better guess.</summary>
    public virtual string Guess(EnvironmentTask task, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(task);
        var random = new SeededRandom(seed);
        return Draw(task.Reference.Difficulty, ref random).Answer;
    }

    internal ToolObservation Call(object state, string name, string argumentsJson)
        => _tools.TryGetValue(name, out var tool) ? tool.Call(this, state, argumentsJson) : ToolObservation.Invalid("no such tool");

    internal bool Judge(Puzzle puzzle, string answer) => IsRight(puzzle, answer.Trim());

    /// <summary>Draws a puzzle; the same random numbers give the same one.</summary>
    protected abstract Puzzle Draw(int level, ref SeededRandom random);

    /// <summary>Shows how one plays: yields moves, reads the results between them, and ends with <see cref="PuzzleMove.Answer"/>.</summary>
    protected abstract IEnumerable<PuzzleMove> Play(Puzzle puzzle, PuzzleResults results);

    /// <summary>What an episode's tools are given as their first argument: the puzzle itself, unless tools change something.</summary>
    protected virtual object Start(Puzzle puzzle) => puzzle;

    /// <summary>Judges a final answer, without the spaces around it.</summary>
    protected virtual bool IsRight(Puzzle puzzle, string answer)
    {
        ArgumentNullException.ThrowIfNull(puzzle);
        return answer == puzzle.Answer;
    }

    // Plays without failures, as the base of the speed reward asks.
    private int TurnsOf(Puzzle puzzle)
    {
        var state = Start(puzzle);
        ImmutableArray<ToolObservation> results = [];
        try
        {
            var player = new PuzzlePlayer(puzzle, Play);
            for (var turn = 1; turn <= MostTurns; turn++)
            {
                var message = player.Next(results);
                if (message.ToolCalls.IsEmpty)
                {
                    return turn;
                }

                results = [.. message.ToolCalls.Select(call => Call(state, call.Name, call.ArgumentsJson))];
            }
        }
        finally
        {
            (state as IDisposable)?.Dispose();
        }

        throw new InvalidOperationException(
            $"The player of '{puzzle.Question}' did not answer in {MostTurns} turns; the last result was '{results[^1].Text}'.");
    }
}
