using Forge.Core.Faults;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Learning.Checkpoints;
using Forge.Trainer;

namespace Forge.Cli.Composition;

/// <summary>Checks before a run that its checkpoints will fit on the disk.</summary>
internal static class CheckpointSpace
{
    /// <exception cref="ForgeException">They would not.</exception>
    public static void Require(RunFile run, RunDirectory directory, PolicyFolder policy)
    {
        var (model, trainer) = (run.Section<ModelOptions>(), run.Section<TrainerOptions>());
        var placement = PolicyFolder.Placement(model.Device, model.Dtype);
        var one = CheckpointWriter.EstimateBytes(policy.Config, placement.Dtype) + (policy.Config.ParameterCount * OptimizerBytes(model.Dtype));
        var count = trainer.KeepLast + (trainer.KeepBest ? 1 : 0) + 1;
        DiskSpace.Require(directory.Path, one * count, $"{count} checkpoints of {DiskSpace.Show(one)}");
    }

    // Per weight: two moments in fp32, or in fp64 beside fp64 weights; and an fp32 master beside bfloat16 weights.
    private static long OptimizerBytes(string dtype) => dtype switch
    {
        "bfloat16" => 12,
        "float64" => 16,
        _ => 8,
    };
}
