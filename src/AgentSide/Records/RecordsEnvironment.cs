using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.AgentSide.Records;

/// <summary>
/// Asks questions over a relational database that is generated per task: "city of boss of Ann?" needs the boss of Ann first and
/// that person's city next. The level is the number of dependent look-ups. Texts are terse, so that a small policy on a CPU
/// spends its tokens on the skill: restate what is left, look up the innermost step, put the result in its place, try again when a
/// tool fails, and answer when nothing is left.
/// </summary>
public sealed class RecordsEnvironment : IEnvironment
{
    internal const string LookupTool = "lookup";
    internal const string ListTool = "list";

    private readonly RecordsOptions _options;

    public RecordsEnvironment(RecordsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.FailureRate, "FailureRate");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.FailureRate, 1, "FailureRate");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxHops, 1, "MaxHops");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxHops, 6, "MaxHops");
        _options = options;
        Levels = [.. Enumerable.Range(1, options.MaxHops)];
    }

    public string Name => "records";

    public ImmutableArray<int> Levels { get; }

    public string SystemPrompt => "Look up, then answer.";

    public ImmutableArray<ToolDefinition> Tools { get; } =
    [
        new(LookupTool, "A field of a record.", Schema("field", "of")),
        new(ListTool, "People of a city, oldest first.", Schema("of")),
    ];

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
    {
        var reference = SplitFence.Reference(this, split, difficulty, seed);
        var random = SplitFence.RandomOf(reference);
        var world = RecordsWorld.Draw(ref random);
        while (true)
        {
            if (DrawPath(world, difficulty, ref random) is { } path && SplitFence.SideOf(path.Question) == split)
            {
                return new RecordsTask
                {
                    Reference = reference,
                    Question = path.Question,
                    BaselineTurns = difficulty + 1,
                    Start = path.Start,
                    Path = path.Relations,
                    Answer = path.Answer,
                    World = world,
                };
            }
        }
    }

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed)
    {
        var records = (RecordsTask)task;
        var faults = new TransientFaults(records.Reference.Seed, episodeSeed, _options.FailureRate);
        return new RecordsInstance(records, faults);
    }

    public IScriptedSolver Solve(EnvironmentTask task) => new RecordsSolver((RecordsTask)task);

    /// <summary>The last relation tells the kind of the answer; nothing tells which one.</summary>
    public string Guess(EnvironmentTask task, ulong seed)
    {
        var records = (RecordsTask)task;
        var pool = RecordsWorld.Names(records.Path[^1].To);
        return pool[new SeededRandom(seed).Next(pool.Length)];
    }

    internal static string Chain(IEnumerable<Relation> path, string start)
        => string.Concat(path.Reverse().Select(relation => relation.Word + " of ")) + start;

    // A path meets no name and no relation twice: skipping a step never gives the right answer by luck.
    private static RecordsPath? DrawPath(RecordsWorld world, int hops, ref SeededRandom random)
    {
        var kind = random.Next(2) == 0 ? EntityKind.Person : EntityKind.City;
        var names = RecordsWorld.Names(kind);
        var start = names[random.Next(names.Length)];
        var met = new List<string> { start };
        var path = new List<Relation>();
        while (path.Count < hops)
        {
            var choices = Relation.All.Where(relation => relation.From == kind && !path.Contains(relation)).ToArray();
            var relation = choices[random.Next(choices.Length)];
            if (world.Follow(relation, met[^1]) is not { } next || met.Contains(next))
            {
                return null;
            }

            path.Add(relation);
            met.Add(next);
            kind = relation.To;
        }

        return new RecordsPath(start, [.. path], met[^1], Chain(path, start) + "?");
    }

    private static string Schema(params ReadOnlySpan<string> names)
    {
        var properties = new List<string>();
        var required = new List<string>();
        foreach (var name in names)
        {
            properties.Add($$"""
                "{{name}}": {"type": "string"}
                """);
            required.Add($"\"{name}\"");
        }

        return $$"""
            {"type": "object", "properties": {{{string.Join(", ", properties)}}}, "required": [{{string.Join(", ", required)}}]}
            """;
    }
}
