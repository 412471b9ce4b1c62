// N rows, H query heads, G key/value heads, K head dim
using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>
/// Says which rows see which keys: the seam behind which packed sequences, cached decoding and trees stand.
/// </summary>
public abstract class AttentionLayout
{
    /// <summary>Rows that one forward has under this layout.</summary>
    public abstract int RowCount { get; }

    /// <summary>Exact softmax attention, softmax(scale · q kᵀ) v over the keys that each row sees.</summary>
    /// <param name="layer">Which decoder layer asks; layouts with a cache keep keys per layer.</param>
    /// <param name="q_NHK">Queries, already normed and rotated.</param>
    /// <param name="k_NGK">Keys of the same rows, already normed and rotated.</param>
    /// <param name="v_NGK">Values of the same rows.</param>
    /// <param name="scale">Multiplies the products before the softmax.</param>
    /// <returns>[N, H·K] in the dtype of the queries.</returns>
    public abstract Tensor Attend(int layer, Tensor q_NHK, Tensor k_NGK, Tensor v_NGK, double scale);

    /// <summary>The layout as a forest whose rows are all keys, for kernels that plan by it; null where it is something else.</summary>
    internal virtual ForestRows? DescribeForest() => null;

    /// <summary>What layouts of the same forest have in common: a plan may be kept by it.</summary>
    internal virtual object PlanKey => this;

    /// <summary>Keys and values of all rows of the described forest; a layout that knows earlier rows' puts them in front.</summary>
    internal virtual KeyValues WithPast(int layer, Tensor k_NGK, Tensor v_NGK) => new(k_NGK, v_NGK);
}
