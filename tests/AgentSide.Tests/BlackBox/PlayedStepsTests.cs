using Forge.AgentSide.BlackBox;
using Forge.AgentSide.BlackBox.Desk;
using Forge.AgentSide.Tools;
using Forge.Core.Harnesses;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed class PlayedStepsTests
{
    private static readonly ToolObservation Bad = ToolObservation.Invalid("no such field");

    [Fact]
    public void Of_blames_the_completion_that_asked_for_the_call()
    {
        var trace = Trace(
            FakeHarnessGateway.Call("lookup", """{"of":"Ann"}"""),
            FakeHarnessGateway.Call("lookup", """{"of":"Bob"}"""),
            FakeHarnessGateway.Say("x"));

        var steps = PlayedSteps.Of(trace, [new ToolUse("lookup", """{ "of" : "Bob" }""", Bad)]).ToArray();

        Assert.Equal([0, 1, 0], steps.Select(step => step.InvalidCalls));
        Assert.Equal([1, 1, 0], steps.Select(step => step.ToolCalls));
    }

    [Fact]
    public void Of_gives_each_repetition_of_a_call_to_a_completion_of_its_own()
    {
        var trace = Trace(FakeHarnessGateway.Call("act", "{}"), FakeHarnessGateway.Call("act", "{}"), FakeHarnessGateway.Call("act", "{}"));

        var steps = PlayedSteps.Of(
            trace, [new ToolUse("act", "{}", ToolObservation.Transient("busy")), new ToolUse("act", "{}", ToolObservation.Ok("")), new ToolUse("act", "{}", Bad)]);

        Assert.Equal([(0, 1), (0, 0), (1, 1)], steps.Select(step => (step.InvalidCalls, step.ToolErrors)));
    }

    [Fact]
    public void Of_blames_nobody_for_what_the_program_did_by_itself()
    {
        var trace = Trace(FakeHarnessGateway.Call("bash", """{"command":"./tool act '{}'"}"""));

        var step = Assert.Single(PlayedSteps.Of(trace, [new ToolUse("act", "not json", Bad)]));

        Assert.Equal((1, 0, 0), (step.ToolCalls, step.InvalidCalls, step.ToolErrors));
    }

    [Fact]
    public void Of_counts_cut_off_empty_and_broken_answers_as_malformed()
    {
        var said = FakeHarnessGateway.Say("x");
        var trace = Trace(said, said with { FinishReason = FinishReason.Length }, FakeHarnessGateway.Say(" "), said with { Malformed = true });

        Assert.Equal([false, true, true, true], PlayedSteps.Of(trace, []).Select(step => step.Malformed));
    }

    private static HarnessTrace Trace(params HarnessCall[] calls) => new([.. calls], null, null);
}
