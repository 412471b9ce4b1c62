// T queries of a call, H query heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Output over some keys, and the logarithm of the sum of exponentiated scores over the same keys.</summary>
/// <param name="Out_THK">In the dtype of the queries.</param>
/// <param name="LogSumExp_HT">At least fp32; −∞ for a query without keys.</param>
/// <param name="Seeds">Random states that the kernel's backward pass asks for, though nothing is dropped.</param>
internal sealed record AttentionPart(Tensor Out_THK, Tensor LogSumExp_HT, Tensor[] Seeds);
