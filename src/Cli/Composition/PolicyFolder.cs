using Forge.Core.Faults;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Hosting.RunFiles;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Learning.Model.Configuration;
using Forge.Rollout;
using static TorchSharp.torch;

namespace Forge.Cli.Composition;

/// <summary>A checkpoint folder with its tokenizer, checked for belonging together.</summary>
internal sealed class PolicyFolder
{
    private PolicyFolder(string path, M2Config config, ByteLevelBpeTokenizer tokenizer)
        => (Path, Config, Tokenizer) = (path, config, tokenizer);

    public string Path { get; }

    public M2Config Config { get; }

    public ByteLevelBpeTokenizer Tokenizer { get; }

    /// <summary>Keeps all thinking: an agent's history only grows, also when it is told that an answer was malformed.</summary>
    public MiniMaxM2ChatFormat Format { get; } = new(new MiniMaxM2ChatOptions { ClearThinking = false });

    public string TokenizerPath => System.IO.Path.Combine(Path, "tokenizer.json");

    /// <summary>Says in a few words what the policy is.</summary>
    public string Summary => FormattableString.Invariant(
        $"{Config.ParameterCount / 1e6:0.##} M parameters, {Config.NumHiddenLayers} layers, {Config.NumLocalExperts} experts");

    /// <exception cref="ForgeException">A file is missing or damaged, or the tokenizer is larger than the model's vocabulary.</exception>
    public static PolicyFolder Open(string path)
    {
        var folder = RepositoryPaths.Find(path);
        if (!Directory.Exists(folder))
        {
            throw new ForgeException(
                $"The checkpoint folder '{path}' does not exist. Give one with --checkpoint or model.checkpoint; ./forge sft makes one.");
        }

        var config = M2ConfigReader.Read(folder);
        var file = System.IO.Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(file))
        {
            throw new ForgeException($"'{folder}' has no tokenizer.json: copy the one that the checkpoint was trained with into the folder.");
        }

        var tokenizer = ByteLevelBpeTokenizer.Load(file);
        return tokenizer.VocabularySize <= config.VocabSize
            ? new PolicyFolder(folder, config, tokenizer)
            : throw new ForgeException(
                $"'{file}' has {tokenizer.VocabularySize} entries, the model's vocabulary {config.VocabSize}: they don't belong together.");
    }

    /// <summary>Opens the policy that a run starts from, after checking that the machine has the devices that the run wants.</summary>
    /// <exception cref="ForgeException">A device is absent, or the folder can't be used.</exception>
    public static PolicyFolder OpenFor(RunFile run)
    {
        var (model, rollout) = (run.Section<ModelOptions>(), run.Section<RolloutOptions>());
        Placement(model.Device, model.Dtype);
        Placement(rollout.Device, rollout.Dtype);
        return Open(model.Checkpoint);
    }

    /// <summary>Loads the weights onto a device.</summary>
    public MiniMaxM2ForCausalLM LoadModel(string device, string dtype) => CheckpointLoader.Load(Path, Placement(device, dtype));

    /// <exception cref="ForgeException">The machine has no such device.</exception>
    public static ModelPlacement Placement(string device, string dtype)
    {
        try
        {
            return new ModelPlacement(ModelPlacement.ParseDevice(device), dtype switch
            {
                "bfloat16" => ScalarType.BFloat16,
                "float64" => ScalarType.Float64,
                _ => ScalarType.Float32,
            });
        }
        catch (ArgumentException error)
        {
            var message = error.Message.Split(" (Parameter", StringSplitOptions.None)[0];
            throw new ForgeException($"{message} './forge doctor --device {device}' says more.", error);
        }
    }
}
