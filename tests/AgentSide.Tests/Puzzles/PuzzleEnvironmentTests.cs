using Forge.AgentSide.Environments;
using Forge.AgentSide.Puzzles;
using Forge.AgentSide.Tools;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Puzzles;

public sealed class PuzzleEnvironmentTests
{
    [Fact]
    public void Tools_take_their_names_and_schemas_from_the_methods()
    {
        var tools = new HiddenNumber().Tools;

        Assert.Equal(["try", "say_again", "search"], tools.Select(tool => tool.Name));
        Assert.Equal("""{"type":"object","properties":{"number":{"type":"integer"}},"required":["number"]}""", tools[0].ParametersJson);
        Assert.Equal(
            """{"type":"object","properties":{"text":{"type":"string"},"loudly":{"type":"boolean"},"times":{"type":"number"}},"required":["text"]}""",
            tools[1].ParametersJson);
    }

    [Theory]
    [InlineData("say_again", """{"text": "a"}""", "hidden_number: a False 1", ToolOutcome.Ok)]
    [InlineData("say_again", """{"text": 5, "loudly": true, "times": "2.5"}""", "hidden_number: 5 True 2.5", ToolOutcome.Ok)]
    [InlineData("say_again", """{"text": "a", "times": "often"}""", "error: need times, number", ToolOutcome.InvalidCall)]
    [InlineData("say_again", """{"text": null}""", "error: need text, string", ToolOutcome.InvalidCall)]
    [InlineData("say_again", """{"text": "a", "text": "b"}""", "hidden_number: b False 1", ToolOutcome.Ok)]
    [InlineData("say_again", "{\"text\": \"\\ud800\"}", "error: arguments are not an object", ToolOutcome.InvalidCall)]
    [InlineData("try", "{}", "error: need number, integer", ToolOutcome.InvalidCall)]
    [InlineData("try", """{"number": 1.5}""", "error: need number, integer", ToolOutcome.InvalidCall)]
    [InlineData("try", "[]", "error: arguments are not an object", ToolOutcome.InvalidCall)]
    [InlineData("try", """{"number": 0}""", "too low", ToolOutcome.Ok)]
    [InlineData("search", """{"where": "there"}""", "error: nothing there", ToolOutcome.Failed)]
    [InlineData("Try", """{"number": 0}""", "error: no such tool", ToolOutcome.InvalidCall)]
    public async Task CallTool_reads_what_a_model_wrote(string tool, string arguments, string text, ToolOutcome outcome)
    {
        var environment = new HiddenNumber();
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 1), 0);

        var observation = await instance.CallToolAsync(tool, arguments, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(new ToolObservation(text, outcome), observation);
    }

    [Fact]
    public void A_call_that_fails_in_passing_is_repeated()
    {
        var environment = new HiddenNumber();
        var player = environment.Solve(environment.Sample(TaskSplit.Train, 1, 1));
        var call = player.Next([]).ToolCalls.Single();

        var again = player.Next([ToolObservation.Transient("busy")]).ToolCalls.Single();

        Assert.Equal(call.ArgumentsJson, again.ArgumentsJson);
        Assert.NotEqual(call.Id, again.Id);
    }

    [Fact]
    public void A_parameter_that_JSON_does_not_name_is_refused_with_the_place()
    {
        var fault = Assert.Throws<ArgumentException>(() => new OddTool());

        Assert.Contains("OddTool.Wait: parameter 'span' is a TimeSpan", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_that_are_all_the_same_are_refused_with_the_remedy()
    {
        var fault = Assert.Throws<InvalidOperationException>(
            () => ((TaskSplit[])[TaskSplit.Train, TaskSplit.HeldOut]).Select(split => new OneQuestion().Sample(split, 1, 1)).ToList());

        Assert.Contains("Let the question itself differ", fault.Message, StringComparison.Ordinal);
    }

    private sealed class OddTool : HiddenNumber
    {
        [Tool("Waits.")]
        public static string Wait(Hidden box, TimeSpan span) => $"{box}{span}";
    }

    private sealed class OneQuestion : HiddenNumber
    {
        protected override Puzzle Draw(int level, ref SeededRandom random) => new Hidden("which?", 100, 1 + random.Next(100));
    }
}
