using System.Text.Json.Nodes;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Examination;
using Forge.AgentSide.OpenEnv;
using Forge.AgentSide.Tools;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.OpenEnv;

public sealed class OpenEnvEnvironmentTests
{
    [Fact]
    public async Task The_server_s_action_becomes_the_tool_step()
    {
        await using var server = await OpenEnvServer.StartAsync();

        var tool = Assert.Single(Connect(server).Tools);

        Assert.Equal("step", tool.Name);
        Assert.Equal(["number"], JsonNode.Parse(tool.ParametersJson)!["properties"]!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task An_episode_begins_acts_and_is_scored_by_the_server_s_rewards()
    {
        await using var server = await OpenEnvServer.StartAsync();
        var environment = Connect(server);
        var task = (OpenEnvTask)environment.Sample(TaskSplit.Train, 1, 5);
        var number = OpenEnvServer.NumberOf(task.ResetSeed);
        using var instance = environment.Open(task, 0);

        var opening = await instance.BeginAsync(Token).AsTask().DefaultTimeout();
        var miss = await StepAsync(instance, (number + 1) % 10);
        var before = instance.Score("");
        var hit = await StepAsync(instance, number);

        Assert.Equal("guess a digit", opening);
        Assert.Equal(ToolObservation.Ok("""{"right":false,"steps":1}"""), miss);
        Assert.Equal(ToolObservation.Ok("""{"right":true,"steps":1}""" + "\n(the episode is over)"), hit);
        Assert.Equal(EnvironmentScore.Unsolved, before);
        Assert.Equal(new EnvironmentScore(0.75, false), instance.Score(""));
        Assert.Equal(ToolObservation.Failed("the episode is over"), await StepAsync(instance, number));
        Assert.Equal([task.Reference.Id.Value], server.Episodes);
    }

    [Theory]
    [InlineData("step", "{}", "error: number is required", ToolOutcome.InvalidCall)]
    [InlineData("step", """{"number": 1, "more": 2}""", "error: number is required", ToolOutcome.InvalidCall)]
    [InlineData("step", "no json", "error: arguments are not an object", ToolOutcome.InvalidCall)]
    [InlineData("step", """{"number": -1}""", "error: there is no such digit", ToolOutcome.Failed)]
    [InlineData("jump", "{}", "error: no such tool", ToolOutcome.InvalidCall)]
    public async Task What_the_agent_did_wrong_is_an_observation_and_the_session_goes_on(string tool, string arguments, string text, ToolOutcome outcome)
    {
        await using var server = await OpenEnvServer.StartAsync();
        var environment = Connect(server);
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 5), 0);
        await instance.BeginAsync(Token).AsTask().DefaultTimeout();

        var observation = await instance.CallToolAsync(tool, arguments, Token).DefaultTimeout();

        Assert.Equal(new ToolObservation(text, outcome), observation);
        Assert.Equal(ToolOutcome.Ok, (await StepAsync(instance, 3)).Outcome);
    }

    [Fact]
    public async Task State_tells_the_steps()
    {
        await using var server = await OpenEnvServer.StartAsync();
        using var connection = await OpenEnvConnection.ConnectAsync(new OpenEnvOptions { Url = server.Url }, Token).DefaultTimeout();
        await connection.ResetAsync(7, "e", Token).DefaultTimeout();
        await connection.StepAsync(new JsonObject { ["number"] = 1 }, Token).DefaultTimeout();

        var state = await connection.StateAsync(Token).DefaultTimeout();

        Assert.Equal(("e", 1), (state.Data["episode_id"]!.GetValue<string>(), state.Data["step_count"]!.GetValue<int>()));
    }

    [Fact]
    public async Task An_episode_waits_for_the_place_of_another_and_leaves_its_own()
    {
        await using var server = await OpenEnvServer.StartAsync(capacity: 1);
        var environment = Connect(server);
        var task = environment.Sample(TaskSplit.Train, 1, 5);
        var first = environment.Open(task, 0);
        using var second = environment.Open(task, 1);
        await first.BeginAsync(Token).AsTask().DefaultTimeout();

        var waiting = second.BeginAsync(Token).AsTask();
        var waited = !waiting.IsCompleted;
        first.Dispose();
        await waiting.DefaultTimeout();

        Assert.True(waited);
        Assert.Equal(2, server.Episodes.Count);
    }

    [Fact]
    public async Task A_server_without_a_place_is_a_fault_with_the_remedy()
    {
        await using var server = await OpenEnvServer.StartAsync(capacity: 0);
        var environment = Connect(server);
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 5), 0);

        var fault = await Assert.ThrowsAsync<EnvironmentFaultException>(() => instance.BeginAsync(Token).AsTask().DefaultTimeout());

        Assert.Contains("CAPACITY_REACHED: no place left", fault.Message, StringComparison.Ordinal);
        Assert.Contains("max_concurrent_envs", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type": "observation" """, "no JSON")]
    [InlineData("""{"data": {}}""", "without a type")]
    [InlineData("""{"type": "state", "data": {}}""", "answered 'state' to 'step'")]
    [InlineData("""{"type": "error", "data": {"message": "gone", "code": "SESSION_ERROR"}}""", "SESSION_ERROR: gone")]
    public async Task A_server_that_breaks_the_protocol_is_a_fault(string answer, string message)
    {
        await using var server = await OpenEnvServer.StartAsync(everyStep: answer);
        var environment = Connect(server);
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 5), 0);
        await instance.BeginAsync(Token).AsTask().DefaultTimeout();

        var fault = await Assert.ThrowsAsync<EnvironmentFaultException>(() => StepAsync(instance, 1));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_a_fault()
    {
        await using var server = await OpenEnvServer.StartAsync(everyStep: $$"""{"type": "observation", "data": {"observation": "{{new string('x', 5000)}}"} }""");
        var environment = OpenEnvEnvironment.Connect(new OpenEnvOptions { Url = server.Url, MaxMessageBytes = 2000 });
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 5), 0);
        await instance.BeginAsync(Token).AsTask().DefaultTimeout();

        var fault = await Assert.ThrowsAsync<EnvironmentFaultException>(() => StepAsync(instance, 1));

        Assert.Contains("max_message_bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_session_ends_with_the_episode()
    {
        await using var server = await OpenEnvServer.StartAsync();
        var environment = Connect(server);
        var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 5), 0);
        await instance.BeginAsync(Token).AsTask().DefaultTimeout();

        instance.Dispose();

        await server.Ended.Task.DefaultTimeout();
    }

    [Fact]
    public void A_server_that_is_not_there_is_named()
    {
        var fault = Assert.Throws<ForgeException>(() => OpenEnvEnvironment.Connect(new OpenEnvOptions { Url = "http://127.0.0.1:1" }));

        Assert.Contains("http://127.0.0.1:1/schema", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_examination_checks_what_it_can_without_a_player()
    {
        await using var server = await OpenEnvServer.StartAsync(capacity: 100);

        var report = await EnvironmentExaminer.ExamineAsync(() => Connect(server), new ExaminationOptions { Tasks = 20 }, Token).DefaultTimeout();

        Assert.Empty(report.Failures);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static OpenEnvEnvironment Connect(OpenEnvServer server) => OpenEnvEnvironment.Connect(new OpenEnvOptions { Url = server.Url });

    private static Task<ToolObservation> StepAsync(IEnvironmentInstance instance, int number)
        => instance.CallToolAsync("step", $$"""{"number": {{number}}}""", Token).DefaultTimeout();
}
