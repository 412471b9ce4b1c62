using Forge.AgentSide;
using Forge.AgentSide.Demonstrations;
using Forge.AgentSide.Environments;
using Forge.Cli.Machine;
using Forge.Core.Ports;
using Forge.Core.Storage;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Hosting.RunFiles;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Trainer;
using Forge.Trainer.Steps;
using Forge.Trainer.Supervised;
using static TorchSharp.torch;

namespace Forge.Cli.Composition;

/// <summary>Makes a policy from scripted demonstrations: tokenizer, fresh weights or a checkpoint, training, checkpoint folder with its card.</summary>
internal sealed class SupervisedSession(RunFile run, IMetricsSink metrics, TimeProvider time)
{
    private readonly MiniMaxM2ChatFormat _format = new();
    private readonly IEnvironment _environment = EnvironmentCatalog.Create(run.Section<AgentSideOptions>().Environment);

    private DemonstrationOptions Demonstrations => run.Section<AgentSideOptions>().Demonstrations;

    private ModelOptions Model => run.Section<ModelOptions>();

    private ulong Seed => run.Section<RunOptions>().Seed;

    /// <param name="start">A checkpoint folder to go on from; null starts with fresh weights and a tokenizer trained for the environment.</param>
    /// <param name="output">The folder that the checkpoint is written to.</param>
    /// <param name="command">The command line, for the card.</param>
    /// <param name="phase">Told what takes a while.</param>
    /// <param name="stepped">Told each step and its loss.</param>
    /// <param name="stopping">Ends the training early; what was learned is kept.</param>
    public SftOutcome Run(
        string? start, string output, string command, Action<string> phase, Action<long, double> stepped, CancellationToken stopping)
    {
        Directory.CreateDirectory(output);
        phase(start is null ? "training the tokenizer" : $"loading {start}");
        var folder = start is null ? null : PolicyFolder.Open(start);
        var tokenizerJson = folder is null
            ? BaseTokenizer.Train(_environment, _format, Demonstrations)
            : File.ReadAllText(folder.TokenizerPath);
        var tokenizer = ByteLevelBpeTokenizer.Parse(tokenizerJson);
        using var model = folder?.LoadModel(Model.Device, Model.Dtype) ?? Fresh(tokenizer);
        using var optimizer = new PolicyOptimizer(model, run.Section<TrainerOptions>());
        var loop = new SftLoop(model, optimizer, run.Section<TrainerOptions>(), metrics, time);
        loop.Stepped += stepped;
        phase("training");
        var batches = new DemonstrationBatches(
            new ScriptedDemonstrator(_environment, tokenizer, _format, Demonstrations), run.Section<SftOptions>().BatchTokens);
        var outcome = loop.Run(batches.Next, stopping);
        CheckpointWriter.Write(model, output, ScalarType.BFloat16);
        WriteText(output, "tokenizer.json", tokenizerJson);
        var card = new ModelCard(command, run, _environment.Name, outcome, batches, model.Config.ParameterCount, MachineDescription.Here());
        WriteText(output, "README.md", card.Text());
        return outcome;
    }

    private MiniMaxM2ForCausalLM Fresh(ByteLevelBpeTokenizer tokenizer)
    {
        var end = tokenizer.TokenId(MiniMaxM2Tokens.End)
            ?? throw new InvalidOperationException("The trained tokenizer has no end-of-turn token.");
        var model = new MiniMaxM2ForCausalLM(
            Model.Architecture.ToConfig(tokenizer.VocabularySize, end), PolicyFolder.Placement(Model.Device, Model.Dtype));
        FreshWeights.Fill(model, (int)(Seed & int.MaxValue));
        return model;
    }

    private static void WriteText(string folder, string name, string text)
        => DurableFile.Write(Path.Combine(folder, name), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
