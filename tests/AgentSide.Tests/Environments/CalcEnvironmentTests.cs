using System.Data;
using System.Globalization;
using Forge.AgentSide.Calc;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Environments;

public sealed class CalcEnvironmentTests : EnvironmentConformance
{
    [Fact]
    public void Answer_is_the_value_of_the_question()
        => ForAnyTask((environment, split, level, seed) =>
        {
            var task = (CalcTask)environment.Sample(split, level, seed);

            return Reference(task.Question[..^2]) == task.Expression.Value && task.Question.Count(c => "+-*".Contains(c)) == level + 1;
        });

    [Fact]
    public void Every_problem_takes_several_calls_and_its_baseline_is_the_solver_s_turns()
        => ForAnyTask((environment, split, level, seed) =>
        {
            var task = environment.Sample(split, level, seed);
            using var instance = environment.Open(task, seed);

            Solve(environment, task, instance, out var turns);

            return turns == task.BaselineTurns && turns >= 2 && task.Question.Length > CalcEnvironment.MaxExpressionLength + 2;
        });

    [Fact]
    public void Solver_calculates_independent_parts_in_parallel()
    {
        var environment = Create();

        var widest = Enumerable.Range(0, 50)
            .Max(seed => environment.Solve(environment.Sample(TaskSplit.Train, 3, (ulong)seed)).Next([]).ToolCalls.Length);

        Assert.Equal(2, widest);
    }

    [Theory]
    [InlineData("12+34")]
    [InlineData("2+3*4")]
    [InlineData("(2+3)*4")]
    [InlineData("-5-(-3)")]
    [InlineData("2*-3")]
    [InlineData("9-4-3")]
    [InlineData(" 7 * 8 ")]
    [InlineData("999*999")]
    public void Calculator_agrees_with_an_independent_one(string expression)
        => Assert.Equal(Reference(expression).ToString(CultureInfo.InvariantCulture), Calculate(expression).Text);

    [Theory]
    [InlineData("12+34*56", "error: too long")]
    [InlineData("", "error: no expression")]
    [InlineData("2+", "error: no expression")]
    [InlineData("(2+3", "error: no expression")]
    [InlineData("2 3", "error: no expression")]
    [InlineData("2/3", "error: no expression")]
    [InlineData("()", "error: no expression")]
    [InlineData("((((((", "error: no expression")]
    public void Calculator_says_what_is_wrong(string expression, string text)
        => Assert.Equal(ToolObservation.Invalid(text["error: ".Length..]), Calculate(expression));

    [Theory]
    [InlineData("{\"e\": \"\\ud800\"}")]
    [InlineData("{\"\\udc00\": 1, \"e\": \"1+2\"}")]
    [InlineData("{\"e\": \"1+2\", \"more\": [{\"a\": \"\\ud800x\"}]}")]
    public void Half_of_a_surrogate_pair_in_a_call_is_an_invalid_call(string arguments)
    {
        var environment = Create();
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 1), 0);

        Assert.Equal(ToolObservation.Invalid("arguments are not an object"), Call(instance, "calc", arguments));
    }

    [Fact]
    public void A_failed_call_is_made_again_and_the_others_are_not()
    {
        var environment = new CalcEnvironment(new CalcOptions { FailureRate = 0.5 });
        var task = Enumerable.Range(0, 100).Select(seed => environment.Sample(TaskSplit.Train, 3, (ulong)seed))
            .First(task => environment.Solve(task).Next([]).ToolCalls.Length == 2);
        var solver = environment.Solve(task);
        var calls = solver.Next([]).ToolCalls;

        var next = solver.Next([ToolObservation.Transient("busy"), Calculate(Argument(calls[1].ArgumentsJson))]);

        Assert.Contains(calls[0].ArgumentsJson, next.ToolCalls.Select(call => call.ArgumentsJson));
        Assert.DoesNotContain(calls[1].ArgumentsJson, next.ToolCalls.Select(call => call.ArgumentsJson));
    }

    protected override IEnvironment Create() => new CalcEnvironment(new CalcOptions());

    private static ToolObservation Calculate(string expression)
    {
        var environment = new CalcEnvironment(new CalcOptions());
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 1), 0);
        return Call(instance, "calc", $$"""{"e": "{{expression}}"}""");
    }

    private static string Argument(string json)
    {
        using var arguments = System.Text.Json.JsonDocument.Parse(json);
        return arguments.RootElement.GetProperty("e").GetString()!;
    }

    private static int Reference(string expression)
    {
        using var table = new DataTable();
        return Convert.ToInt32(table.Compute(expression, ""), CultureInfo.InvariantCulture);
    }
}
