using Forge.AgentSide;
using Forge.Cli.Display;
using Forge.Hosting.RunFiles;
using Forge.Trainer;

namespace Forge.Cli.Composition;

/// <summary>Gathers what is known of a run before its first step.</summary>
internal static class TrainingFactsOf
{
    public static TrainingFacts Run(RunFile run, string directory, PolicyFolder policy)
    {
        var (options, trainer) = (run.Section<RunOptions>(), run.Section<TrainerOptions>());
        return new TrainingFacts(
            options.Name, directory, run.Section<AgentSideOptions>().Environment.Name, policy.Summary, run.Section<ModelOptions>().Device, options.Seed,
            FirstStep: 0, trainer.Steps, trainer.TimeLimit);
    }
}
