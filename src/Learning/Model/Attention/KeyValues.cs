// N rows, G key/value heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention;

/// <summary>One layer's keys (normed and rotated) and values of some rows.</summary>
/// <param name="Keys_NGK">One key per row and head.</param>
/// <param name="Values_NGK">Aligned with the keys.</param>
internal readonly record struct KeyValues(Tensor Keys_NGK, Tensor Values_NGK);
