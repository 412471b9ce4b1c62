// T queries of a call, S keys of a call, H query heads, G key/value heads, K head dim
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>Gradients of one call's queries, keys and values, from its keys alone.</summary>
internal sealed record AttentionGradients(Tensor Query_THK, Tensor Key_SGK, Tensor Value_SGK);
