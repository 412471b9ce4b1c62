using System.Collections.Immutable;
using System.Globalization;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Chat;
using Forge.Core.Ring;

namespace Forge.AgentSide.Calc;

/// <summary>
/// Asks for the value of nested arithmetic with a calculator whose input is too short for two operators, so that every problem takes
/// several calls; independent ones may be made in parallel. Numbers stay within 0 … 999.
/// </summary>
public sealed class CalcEnvironment : IEnvironment
{
    internal const string Tool = "calc";

    // Two numbers of three digits and an operator fit; three numbers of two digits and two operators don't.
    internal const int MaxExpressionLength = 7;

    private const int MaxValue = 999;

    private readonly CalcOptions _options;

    public CalcEnvironment(CalcOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.FailureRate, "FailureRate");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.FailureRate, 1, "FailureRate");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLevel, 1, "MaxLevel");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxLevel, 6, "MaxLevel");
        _options = options;
        Levels = [.. Enumerable.Range(1, options.MaxLevel)];
    }

    public string Name => "calc";

    public ImmutableArray<int> Levels { get; }

    public string SystemPrompt => "Work out, then answer.";

    public ImmutableArray<ToolDefinition> Tools { get; } =
    [
        new(
            Tool,
            FormattableString.Invariant($"Calculator, at most {MaxExpressionLength} characters."),
            """{"type": "object", "properties": {"e": {"type": "string"}}, "required": ["e"]}"""),
    ];

    public EnvironmentTask Sample(TaskSplit split, int difficulty, ulong seed)
    {
        var reference = SplitFence.Reference(this, split, difficulty, seed);
        var random = SplitFence.RandomOf(reference);
        while (true)
        {
            var expression = Draw(difficulty + 1, ref random);
            var question = $"{expression}=?";
            if (expression.Value is >= 0 and <= MaxValue && SplitFence.SideOf(question) == split)
            {
                return new CalcTask
                {
                    Reference = reference,
                    Question = question,
                    BaselineTurns = Depth(expression) + 1,
                    Expression = expression,
                };
            }
        }
    }

    public IEnvironmentInstance Open(EnvironmentTask task, ulong episodeSeed)
    {
        var calc = (CalcTask)task;
        return new CalcInstance(calc, new TransientFaults(calc.Reference.Seed, episodeSeed, _options.FailureRate));
    }

    public IScriptedSolver Solve(EnvironmentTask task) => new CalcSolver((CalcTask)task);

    public string Guess(EnvironmentTask task, ulong seed)
        => new SeededRandom(seed).Next(MaxValue + 1).ToString(CultureInfo.InvariantCulture);

    private static CalcExpression Draw(int operators, ref SeededRandom random)
    {
        if (operators == 0)
        {
            return CalcExpression.Number(random.Next(10, 100));
        }

        while (true)
        {
            var before = random.Next(operators);
            var left = Draw(before, ref random);
            var right = Draw(operators - 1 - before, ref random);
            var op = "+-*"[random.Next(3)];
            if (CalcExpression.Apply(left.Value, op, right.Value) is >= 0 and <= MaxValue)
            {
                return CalcExpression.Of(left, op, right);
            }
        }
    }

    private static int Depth(CalcExpression expression)
        => expression.IsNumber ? 0 : 1 + Math.Max(Depth(expression.Left!), Depth(expression.Right!));
}
