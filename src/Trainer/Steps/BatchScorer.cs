// N rows, E edges, L layers, C choices per row

using Forge.Core.Packing;
using Forge.Learning.Model;
using Forge.Learning.Model.Attention;
using Forge.Learning.Model.Passes;
using Forge.Learning.Model.Tracing;
using Forge.Learning.Torch;
using static TorchSharp.torch;

namespace Forge.Trainer.Steps;

/// <summary>Runs the policy over a packed batch and scores its edges.</summary>
internal static class BatchScorer
{
    /// <summary>Log-probabilities of the batch's edges [E] (with gradient when enabled) and entropies of their rows [E]; recorded experts are replayed.</summary>
    /// <param name="model">The policy.</param>
    /// <param name="batch">Rows and edges.</param>
    /// <param name="temperature">The temperature at which the tokens were drawn.</param>
    /// <param name="trace">Notes expert choices and loads; may be null.</param>
    /// <param name="entropyGradient">Whether the entropies carry gradient too.</param>
    /// <param name="checkpointLayers">Whether backward computes each layer's activations again instead of keeping them.</param>
    public static TokenScores Score(
        MiniMaxM2ForCausalLM model,
        PackedBatch batch,
        double temperature,
        ForwardTrace? trace,
        bool entropyGradient = false,
        bool checkpointLayers = false)
    {
        using var scope = NewDisposeScope();
        var device = model.Placement.Device;
        var input = new ModelInput(IndexTensor.Of(batch.TokenIds, device), IndexTensor.Of(batch.Positions, device), Layout(batch))
        {
            Multiplicity_N = IndexTensor.Of(batch.Multiplicity, device),
            CheckpointLayers = checkpointLayers,
            ForcedChoices_NLC = batch.RoutedExperts.IsEmpty
                ? null
                : IndexTensor.Of([.. batch.RoutedExperts.Select(expert => (int)expert)], device).view(batch.TokenCount, model.Layers.Count, -1),
        };
        var edges = new ScoredEdges(batch.EdgeRows, batch.EdgeTargets, temperature, entropyGradient);
        var scores = batch.IsCut ? ChunkedPass.Score(model, input, batch.Cuts, edges, trace) : Score(model, input, edges, trace);
        return new TokenScores(scores.LogProb_M.MoveToOuterDisposeScope(), scores.Entropy_M.MoveToOuterDisposeScope());
    }

    /// <summary>Which rows of the batch see each other.</summary>
    public static AttentionLayout Layout(PackedBatch batch)
        => batch.HasBranches ? new PrefixTrees(batch.TreeStarts, batch.KeyEnd) : new PackedSequences(batch.TreeStarts);

    private static TokenScores Score(MiniMaxM2ForCausalLM model, ModelInput input, ScoredEdges edges, ForwardTrace? trace)
    {
        var device = model.Placement.Device;
        var hidden_ND = model.Forward(input, trace);
        return model.ScoreEdges(hidden_ND, IndexTensor.Of(edges.Rows, device), IndexTensor.Of(edges.Targets, device), edges.Temperature, edges.EntropyGradient);
    }
}
