using Forge.TestKit;

namespace Forge.Scenarios.Tests.Training;

/// <summary>Records small runs of the whole ring, to be replayed.</summary>
internal static class RecordedRuns
{
    /// <returns>The run's folder.</returns>
    public static async Task<string> RecordAsync(TemporaryFolder folder, BasePolicy policy, int steps)
    {
        var run = folder.File("recorded");
        var result = await ForgeProcess.RunAsync(
            folder.Path, "train", "--run-dir", run, "--plain", "--steps", $"{steps}", "--set", $"model.checkpoint={policy.Checkpoint}",
            "--set", "agent_side.evaluation.tasks_per_level=1", "--set", "trainer.evaluate_every=0", "--set", "data_pool.groups_per_batch=2",
            "--set", "data_pool.in_flight=4", "--set", "agent_side.episodes_per_group=4", "--set", "agent_side.limits.max_turns=3",
            // The tests' small vocabulary makes long prompts.
            "--set", "gateway.context_length=1024", "--set", "rollout.max_context=1024",
            // An untrained policy solves nothing: its groups differ only in speed and format.
            "--set", "algorithm.speed_weight=0.05", "--set", "agent_side.curriculum.level_weights=[]", "--set", "rollout.slots=64");
        Assert.True(result.ExitCode == 0, result.Error);
        return run;
    }
}
