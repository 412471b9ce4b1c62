using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.AgentSide.Tools;
using Forge.Core.Ring;
using Forge.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace Forge.AgentSide.Tests.Environments;

/// <summary>What every environment promises; each environment's tests inherit it.</summary>
public abstract class EnvironmentConformance
{
    protected abstract IEnvironment Create();

    [Fact]
    public void Sample_gives_the_same_task_for_the_same_arguments()
        => ForAnyTask((environment, split, level, seed) =>
        {
            var first = environment.Sample(split, level, seed);
            var second = Create().Sample(split, level, seed);

            return first.Question == second.Question && first.Reference == second.Reference
                && first.Reference == new TaskReference(first.Reference.Id, environment.Name, split, level, seed);
        });

    [Fact]
    public void Sample_keeps_train_and_held_out_questions_apart()
    {
        var environment = Create();

        var train = Questions(environment, TaskSplit.Train, 400);
        var heldOut = Questions(environment, TaskSplit.HeldOut, 400);

        Assert.Empty(train.Intersect(heldOut));
        Assert.All(train, question => Assert.Equal(TaskSplit.Train, SplitFence.SideOf(question)));
        Assert.All(heldOut, question => Assert.Equal(TaskSplit.HeldOut, SplitFence.SideOf(question)));
    }

    [Fact]
    public void Sample_gives_many_different_tasks_at_every_level()
    {
        var environment = Create();

        foreach (var level in environment.Levels)
        {
            var questions = Enumerable.Range(0, 200).Select(seed => environment.Sample(TaskSplit.Train, level, (ulong)seed).Question);

            Assert.True(questions.Distinct().Count() > 90, $"Level {level} has too few questions.");
        }
    }

    [Fact]
    public void Sample_refuses_an_unknown_level_and_an_unspecified_split()
    {
        var environment = Create();

        Assert.Throws<ArgumentOutOfRangeException>(() => environment.Sample(TaskSplit.Train, 99, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => environment.Sample(TaskSplit.Unspecified, 1, 0));
    }

    [Fact]
    public void Solver_always_succeeds_whatever_fails_on_the_way()
        => ForAnyTask((environment, split, level, seed) =>
        {
            var task = environment.Sample(split, level, seed);
            using var instance = environment.Open(task, seed ^ 7);

            var answer = Solve(environment, task, instance, out _);

            return instance.Score(answer) == EnvironmentScore.Solved;
        });

    [Fact]
    public void Score_rejects_every_other_answer()
        => ForAnyTask((environment, split, level, seed) =>
        {
            var task = environment.Sample(split, level, seed);
            using var instance = environment.Open(task, seed);
            var answer = Solve(environment, task, instance, out _);
            string[] others = ["", " ", "x" + answer, answer + "0", "the answer is " + answer, answer + " " + answer, task.Question];

            return others.All(other => instance.Score(other) == EnvironmentScore.Unsolved)
                && instance.Score($" {answer}\n") == EnvironmentScore.Solved;
        });

    [Fact]
    public void Guess_is_right_in_at_most_one_case_in_twenty_at_every_level()
    {
        var environment = Create();

        foreach (var level in environment.Levels)
        {
            var right = Enumerable.Range(0, 4000).Count(seed =>
            {
                var task = environment.Sample(TaskSplit.HeldOut, level, (ulong)seed);
                using var instance = environment.Open(task, 0);
                return instance.Score(environment.Guess(task, (ulong)seed * 31)).Success;
            });

            Assert.True(right <= 0.05 * 4000, $"Level {level}: {right} of 4000 guesses were right.");
        }
    }

    [Fact]
    public void CallTool_answers_anything_a_model_may_write()
        => Prop.ForAll<string, string, ulong>((name, arguments, seed) =>
        {
            var environment = Create();
            using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, seed), seed);

            var called = environment.Tools.Select(tool => tool.Name).Append(name ?? "").Select(tool => Call(instance, tool, arguments ?? ""));

            return called.All(observation => observation.Outcome == ToolOutcome.InvalidCall && observation.Text.StartsWith("error", StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Tools_have_schemas_that_are_objects_with_properties()
        => Assert.All(Create().Tools, tool =>
        {
            using var schema = System.Text.Json.JsonDocument.Parse(tool.ParametersJson);
            Assert.Equal("object", schema.RootElement.GetProperty("type").GetString());
            Assert.NotEmpty(schema.RootElement.GetProperty("properties").EnumerateObject());
        });

    protected static ToolObservation Call(IEnvironmentInstance instance, string tool, string arguments)
        => instance.CallToolAsync(tool, arguments, TestContext.Current.CancellationToken).DefaultTimeout().GetAwaiter().GetResult();

    /// <summary>Plays the scripted solver to its final answer.</summary>
    protected static string Solve(IEnvironment environment, EnvironmentTask task, IEnvironmentInstance instance, out int turns)
    {
        var solver = environment.Solve(task);
        ImmutableArray<ToolObservation> observations = [];
        for (turns = 1; turns < 200; turns++)
        {
            var message = solver.Next(observations);
            if (message.ToolCalls.IsEmpty)
            {
                return message.Content;
            }

            observations = [.. message.ToolCalls.Select(call => Call(instance, call.Name, call.ArgumentsJson))];
        }

        throw new InvalidOperationException($"The solver does not come to an end on '{task.Question}'.");
    }

    protected void ForAnyTask(Func<IEnvironment, TaskSplit, int, ulong, bool> holds)
        => Prop.ForAll<bool, int, ulong>((isTrain, level, seed) =>
        {
            var environment = Create();
            var levels = environment.Levels;
            return holds(environment, isTrain ? TaskSplit.Train : TaskSplit.HeldOut, levels[(int)((uint)level % levels.Length)], seed);
        }).QuickCheckThrowOnFailure();

    private static HashSet<string> Questions(IEnvironment environment, TaskSplit split, int count)
        => [.. environment.Levels.SelectMany(level => Enumerable.Range(0, count).Select(seed => environment.Sample(split, level, (ulong)seed).Question))];
}
