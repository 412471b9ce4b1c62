using Forge.AgentSide.Environments;
using Forge.AgentSide.Records;
using Forge.AgentSide.Tools;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Environments;

public sealed class RecordsEnvironmentTests : EnvironmentConformance
{
    [Fact]
    public void Question_names_the_path_backwards()
    {
        var task = (RecordsTask)Create().Sample(TaskSplit.Train, 3, 5);

        var words = task.Question.TrimEnd('?').Split(" of ");

        Assert.Equal(task.Path.Reverse().Select(relation => relation.Word).Append(task.Start), words);
    }

    [Fact]
    public void Answer_is_what_the_tools_say_step_by_step()
        => ForAnyTask((_, split, level, seed) =>
        {
            var reliable = new RecordsEnvironment(new RecordsOptions { FailureRate = 0 });
            var task = (RecordsTask)reliable.Sample(split, level, seed);
            using var instance = reliable.Open(task, 0);
            var current = task.Start;
            foreach (var word in task.Question.TrimEnd('?').Split(" of ").SkipLast(1).Reverse())
            {
                current = word == "eldest"
                    ? Call(instance, "list", $$"""{"of": "{{current}}"}""").Text.Split(' ')[0]
                    : Call(instance, "lookup", $$"""{"field": "{{word}}", "of": "{{current}}"}""").Text;
            }

            return current == task.Answer && task.Path.Length == level;
        });

    [Fact]
    public void Path_meets_no_name_twice_so_that_no_step_can_be_skipped()
        => ForAnyTask((environment, split, level, seed) =>
        {
            var task = (RecordsTask)environment.Sample(split, level, seed);
            var met = new List<string> { task.Start };
            foreach (var relation in task.Path)
            {
                met.Add(task.World.Follow(relation, met[^1])!);
            }

            return met.Distinct().Count() == level + 1 && task.Path.Distinct().Count() == level;
        });

    [Fact]
    public void List_names_the_residents_of_a_city_oldest_first()
    {
        var reliable = new RecordsEnvironment(new RecordsOptions { FailureRate = 0 });
        var task = (RecordsTask)reliable.Sample(TaskSplit.Train, 1, 11);
        using var instance = reliable.Open(task, 0);
        var city = task.World.Follow(Relation.Fields.Single(field => field.Word == "city"), "Bob")!;

        var listed = Call(instance, "list", $$"""{"of": "{{city}}"}""").Text.Split(' ');

        Assert.Contains("Bob", listed);
        Assert.Equal(listed.OrderBy(name => task.World.ByAge.IndexOf(name)), listed);
    }

    [Fact]
    public void Some_questions_of_every_level_need_the_list_tool()
    {
        var environment = Create();

        foreach (var level in environment.Levels)
        {
            var share = Enumerable.Range(0, 500)
                .Count(seed => ((RecordsTask)environment.Sample(TaskSplit.HeldOut, level, (ulong)seed)).Path.Contains(Relation.Eldest)) / 500.0;

            Assert.InRange(share, 0.08, 0.6);
        }
    }

    [Fact]
    public void Tools_fail_at_the_configured_rate_and_work_when_tried_again()
    {
        var environment = Create();
        var task = (RecordsTask)environment.Sample(TaskSplit.Train, 1, 3);
        var calls = 0;
        var failures = 0;

        for (var episode = 0UL; episode < 400; episode++)
        {
            using var instance = environment.Open(task, episode);
            for (var call = 0; call < 10; call++, calls++)
            {
                failures += Call(instance, "lookup", """{"field": "boss", "of": "Ann"}""").Outcome == ToolOutcome.TransientFailure ? 1 : 0;
            }
        }

        // Four standard deviations of a binomial with 4000 draws at 0.2.
        Assert.InRange((double)failures / calls, 0.175, 0.225);
    }

    [Fact]
    public void Failures_depend_on_task_episode_and_call_only()
    {
        var environment = Create();
        var task = environment.Sample(TaskSplit.Train, 1, 3);

        var first = Outcomes(environment, task, episodeSeed: 8);
        var again = Outcomes(environment, task, episodeSeed: 8);
        var other = Outcomes(environment, task, episodeSeed: 9);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData("lookup", """{"field": "boss"}""", "error: need of", ToolOutcome.InvalidCall)]
    [InlineData("lookup", """{"field": "salary", "of": "Ann"}""", "error: no such field", ToolOutcome.InvalidCall)]
    [InlineData("lookup", """{"field": "boss; DROP TABLE people", "of": "Ann"}""", "error: no such field", ToolOutcome.InvalidCall)]
    [InlineData("lookup", """{"field": "boss", "of": "Oslo"}""", "error: no such record", ToolOutcome.Failed)]
    [InlineData("lookup", """{"field": "boss", "of": "' OR 1=1 --"}""", "error: no such record", ToolOutcome.Failed)]
    [InlineData("list", """{"of": "Nowhere"}""", "error: no such record", ToolOutcome.Failed)]
    [InlineData("remove", """{"of": "Ann"}""", "error: no such tool", ToolOutcome.InvalidCall)]
    public void CallTool_says_what_is_wrong(string tool, string arguments, string text, ToolOutcome outcome)
    {
        var reliable = new RecordsEnvironment(new RecordsOptions { FailureRate = 0 });
        using var instance = reliable.Open(reliable.Sample(TaskSplit.Train, 1, 1), 0);

        Assert.Equal(new ToolObservation(text, outcome), Call(instance, tool, arguments));
    }

    [Theory]
    [InlineData(1.0, 4)]
    [InlineData(-0.1, 4)]
    [InlineData(0.2, 0)]
    [InlineData(0.2, 7)]
    public void Options_out_of_range_are_refused(double failureRate, int maxHops)
        => Assert.Throws<ArgumentOutOfRangeException>(
            () => new RecordsEnvironment(new RecordsOptions { FailureRate = failureRate, MaxHops = maxHops }));

    protected override IEnvironment Create() => new RecordsEnvironment(new RecordsOptions());

    private static ToolOutcome[] Outcomes(IEnvironment environment, EnvironmentTask task, ulong episodeSeed)
    {
        using var instance = environment.Open(task, episodeSeed);
        return [.. Enumerable.Range(0, 50).Select(_ => Call(instance, "list", """{"of": "Oslo"}""").Outcome)];
    }
}
