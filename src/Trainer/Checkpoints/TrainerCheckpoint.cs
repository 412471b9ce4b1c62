using System.Text.Json;
using Forge.Core.Faults;
using Forge.Core.Storage;
using Forge.Learning.Checkpoints;
using Forge.Learning.Model;
using Forge.Learning.Optim;

namespace Forge.Trainer.Checkpoints;

/// <summary>Writes and reads the files of one checkpoint: the policy in the public layout, its tokenizer, optimizer state, counters.</summary>
internal static class TrainerCheckpoint
{
    private const string OptimizerName = "optimizer.safetensors";
    private const string StateName = "trainer.json";
    private const string TokenizerName = "tokenizer.json";

    /// <summary>Fills a folder with everything that an exact resume needs.</summary>
    /// <param name="folder">An existing, empty folder.</param>
    /// <param name="model">The policy; written in its own precision, so that nothing is rounded.</param>
    /// <param name="optimizer">Moments, masters and step count.</param>
    /// <param name="tokenizerPath">Copied beside the weights, so that the folder is complete for other tools; null leaves it out.</param>
    /// <param name="state">Counters.</param>
    public static void Write(string folder, MiniMaxM2ForCausalLM model, AdamW optimizer, string? tokenizerPath, TrainerState state)
    {
        CheckpointWriter.Write(model, folder, model.Placement.Dtype);
        optimizer.Save(Path.Combine(folder, OptimizerName));
        if (tokenizerPath is not null)
        {
            File.Copy(tokenizerPath, Path.Combine(folder, TokenizerName));
        }

        DurableFile.Write(Path.Combine(folder, StateName), stream => JsonSerializer.Serialize(stream, state));
    }

    /// <summary>Restores weights, optimizer state and counters, bit for bit.</summary>
    /// <exception cref="ForgeException">A file is missing, damaged, or of another model.</exception>
    public static TrainerState Read(string folder, MiniMaxM2ForCausalLM model, AdamW optimizer)
    {
        CheckpointStore.Verify(folder);
        using (var checkpoint = CheckpointFolder.Open(folder))
        {
            CheckpointLoader.Fill(model, checkpoint);
        }

        optimizer.Load(Path.Combine(folder, OptimizerName));
        var path = Path.Combine(folder, StateName);
        return JsonSerializer.Deserialize<TrainerState>(File.ReadAllBytes(path))
            ?? throw new ForgeException($"'{path}' is empty. Use another checkpoint of the run, or start anew.");
    }

    /// <summary>Bytes that one checkpoint takes on the disk: weights, and moments with masters where the model is below fp32.</summary>
    public static long EstimateBytes(MiniMaxM2ForCausalLM model, AdamW optimizer)
        => CheckpointWriter.EstimateBytes(model.Config, model.Placement.Dtype) + optimizer.StateBytes;
}
