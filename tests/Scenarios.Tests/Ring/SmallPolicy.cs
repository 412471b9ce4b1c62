using Forge.AgentSide.Demonstrations;
using Forge.AgentSide.Environments;
using Forge.Cli.Composition;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.TestKit;
using Forge.Trainer;
using Forge.Trainer.Steps;
using Forge.Trainer.Supervised;
using static TorchSharp.torch;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>Makes a policy folder in seconds: a real tokenizer, and few supervised steps on an environment's demonstrations.</summary>
internal static class SmallPolicy
{
    /// <param name="environment">Shows the demonstrations.</param>
    /// <param name="folder">Gets config, weights in fp32, and tokenizer.</param>
    /// <param name="steps">Supervised steps of about 2,000 token rows.</param>
    public static PolicyFolder Make(IEnvironment environment, string folder, long steps)
    {
        var format = new MiniMaxM2ChatFormat();
        var demonstrations = new DemonstrationOptions { VocabularySize = 600 };
        var json = BaseTokenizer.Train(environment, format, demonstrations);
        var tokenizer = ByteLevelBpeTokenizer.Parse(json);
        var architecture = new ArchitectureOptions { HiddenSize = 48, Layers = 2, AttentionHeads = 4, ExpertSize = 32, Experts = 4, HeadDim = 16, RotaryDim = 8 };
        var config = architecture.ToConfig(tokenizer.VocabularySize, tokenizer.TokenId(MiniMaxM2Tokens.End)!.Value);
        using var model = new MiniMaxM2ForCausalLM(config, new ModelPlacement(CPU, ScalarType.Float32));
        FreshWeights.Fill(model, seed: 3);
        var options = new TrainerOptions { Steps = steps, LearningRate = 4e-3, WarmupSteps = 5, MicroBatchTokens = 2048 };
        using var optimizer = new PolicyOptimizer(model, options);
        var batches = new DemonstrationBatches(new ScriptedDemonstrator(environment, tokenizer, format, demonstrations), batchTokens: 2048);
        new SftLoop(model, optimizer, options, new RecordingMetrics(), TimeProvider.System).Run(batches.Next, CancellationToken.None);
        CheckpointWriter.Write(model, folder, ScalarType.Float32);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json);
        return PolicyFolder.Open(folder);
    }
}
