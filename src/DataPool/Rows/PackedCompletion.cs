using Forge.Core.Ring;

namespace Forge.DataPool.Rows;

/// <summary>The encoded columns of a completion, the same in every store.</summary>
internal sealed record PackedCompletion(
    CompletionFormat Format, byte[] PromptIds, byte[] ResponseIds, byte[] PolicyLogProbs, byte[] BehaviorLogProbs, byte[] TokenVersions, byte[] Sampling)
{
    public static PackedCompletion Of(Completion completion)
    {
        var isShort = PackedArray.FitShort(completion.PromptIds) && PackedArray.FitShort(completion.ResponseIds);
        var policy = PackedArray.FromFloats(completion.PolicyLogProbs);
        var behavior = PackedArray.FromFloats(completion.BehaviorLogProbs);
        var isOne = policy.AsSpan().SequenceEqual(behavior);
        var format = CompletionFormat.BinarySampling
            | (isShort ? CompletionFormat.ShortIds : CompletionFormat.Plain)
            | (isOne ? CompletionFormat.OneLogProb : CompletionFormat.Plain);
        return new PackedCompletion(
            format,
            isShort ? PackedArray.FromShorts(completion.PromptIds) : PackedArray.FromInts(completion.PromptIds),
            isShort ? PackedArray.FromShorts(completion.ResponseIds) : PackedArray.FromInts(completion.ResponseIds),
            policy,
            isOne ? [] : behavior,
            PackedArray.FromVersions(completion.TokenVersions),
            PackedSampling.From(completion.Sampling));
    }
}
