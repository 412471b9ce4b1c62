// N rows, L layers, C choices per row
using Forge.Learning.Model.Attention;
using static TorchSharp.torch;

namespace Forge.Learning.Model;

/// <summary>Everything that one forward pass depends on beside the weights.</summary>
/// <param name="Ids_N">int64 token ids on the model's device.</param>
/// <param name="Positions_N">int64 positions, for the rotary embedding.</param>
/// <param name="Layout">Which rows see which keys.</param>
public sealed record ModelInput(Tensor Ids_N, Tensor Positions_N, AttentionLayout Layout)
{
    /// <summary>
    /// Router replay: the experts that the rollout chose, int64; a row with a negative entry is routed afresh. Null
    /// routes all afresh.
    /// </summary>
    public Tensor? ForcedChoices_NLC { get; init; }

    /// <summary>How many trajectories each row stands for, for expert loads; null counts each row once.</summary>
    public Tensor? Multiplicity_N { get; init; }

    /// <summary>
    /// Whether layers keep only their input rows for the backward pass, which then computes each layer's activations again: about a
    /// third more time for a small part of the memory, and the same gradients.
    /// </summary>
    public bool CheckpointLayers { get; init; }

    /// <summary>Packs whole sequences end to end, positions from 0 in each.</summary>
    public static ModelInput Pack(IReadOnlyList<IReadOnlyList<int>> sequences, Device device)
    {
        var layout = PackedSequences.FromLengths(sequences.Select(sequence => sequence.Count));
        var ids = sequences.SelectMany(sequence => sequence).Select(id => (long)id).ToArray();
        return new ModelInput(tensor(ids, dtype: ScalarType.Int64, device: device), layout.Positions(device), layout);
    }
}
