using Forge.AgentSide.Dispatch;
using Forge.AgentSide.Records;
using Forge.Core.Ring;

namespace Forge.AgentSide.Tests.Dispatch;

public sealed class TaskCurriculumTests
{
    private static readonly RecordsEnvironment Environment = new RecordsEnvironment(new RecordsOptions());

    [Fact]
    public void Next_depends_on_the_seed_and_the_dispatch_index_only()
    {
        var one = Curriculum([], 7);
        var same = Curriculum([], 7);
        var other = Curriculum([], 8);

        var backwards = Enumerable.Range(0, 50).Reverse().Select(index => same.Next(new GroupId(index))).Reverse();

        Assert.Equal(Tasks(one, 50), backwards);
        Assert.NotEqual(Tasks(one, 50), Tasks(other, 50));
    }

    [Fact]
    public void Next_draws_train_tasks_by_weight()
    {
        var tasks = Tasks(Curriculum([1, 0, 0, 3], 1), 4000);

        Assert.All(tasks, task => Assert.Equal(TaskSplit.Train, task.Split));
        Assert.InRange(tasks.Count(task => task.Difficulty == 4), 2870, 3130);
        Assert.DoesNotContain(tasks, task => task.Difficulty is 2 or 3);
        Assert.Equal(tasks.Length, tasks.Select(task => task.Id).Distinct().Count());
    }

    [Fact]
    public void Weights_that_do_not_fit_the_levels_are_refused()
    {
        var wrong = Assert.Throws<ArgumentException>(() => Curriculum([1, 2], 1));

        Assert.Contains("2 level weights for 4 levels", wrong.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Curriculum([0, 0, 0, 0], 1));
    }

    private static TaskCurriculum Curriculum(double[] weights, ulong seed)
        => new(Environment, new CurriculumOptions { LevelWeights = [.. weights] }, seed);

    private static TaskReference[] Tasks(TaskCurriculum curriculum, int count)
        => [.. Enumerable.Range(0, count).Select(index => curriculum.Next(new GroupId(index)))];
}
