using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.Core.Chat;
using Forge.Core.Faults;
using Forge.Core.Ring;

namespace Forge.AgentSide.Mcp;

/// <summary>Asks the questions of a file and offers the tools of an MCP server; the final answer must be the file's.</summary>
public sealed class McpEnvironment : IEnvironment
{
    private readonly McpOptions _options;
    private readonly ImmutableArray<McpQuestion> _train;
    private readonly ImmutableArray<McpQuestion> _heldOut;

    private McpEnvironment(McpOptions options, ImmutableArray<McpQuestion> questions, ImmutableArray<ToolDefinition> tools)
    {
        (_options, Tools) = (options, tools);
        _train = [.. questions.Where(question => SplitFence.SideOf(question.Question) == TaskSplit.Train)];
        _heldOut = [.. questions.Where(question => SplitFence.SideOf(question.Question) == TaskSplit.HeldOut)];
    }

    public string Name => "mcp";

    public ImmutableArray<int> Levels => [1];

    public string SystemPrompt => _options.Instruction;

    public ImmutableArray<ToolDefinition> Tools { get; }

    public bool HasSolver => false;

    /// <summary>Does what <see cref="CreateAsync"/> does, for composition, which is not asynchronous; bounded by the start's timeout.</summary>
    public static McpEnvironment Create(McpOptions options) => Task.Run(() => CreateAsync(options, CancellationToken.None)).GetAwaiter().GetResult();

    /// <summary>Reads the questions, and starts a server once to learn its tools.</summary>
    /// <exception cref="ForgeException">The file or the server is not usable.</exception>
    public static async Task<McpEnvironment> CreateAsync(McpOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var questions = McpQuestions.Read(options.Tasks);
        using var folder = new EpisodeFolder(options.Files);
        await using var server = await McpToolServer.StartAsync(options, folder.Path, cancellationToken);
        return new McpEnvironment(options, questions, server.Tools);
    }

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
    {
        var reference = SplitFence.Reference(this, split, difficulty, seed);
        var side = split == TaskSplit.Train ? _train : _heldOut;
        if (side.IsEmpty)
        {
            throw new EnvironmentFaultException(FormattableString.Invariant(
                $"None of the {_train.Length + _heldOut.Length} questions of '{_options.Tasks}' is {split}: their texts decide, one in five is held out. Add more."));
        }

        var random = SplitFence.RandomOf(reference);
        var question = side[random.Next(side.Length)];
        return new McpTask { Reference = reference, Question = question.Question, BaselineTurns = 2, Answer = question.Answer };
    }

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed) => new McpInstance((McpTask)task, _options);

    public IScriptedSolver Solve(EnvironmentTask task)
        => throw new NotSupportedException("Nobody wrote down how to use these tools: there is no scripted player, and no demonstrations.");

    public string Guess(EnvironmentTask task, ulong seed) => _train.IsEmpty ? "" : _train[new SeededRandom(seed).Next(_train.Length)].Answer;
}
