using Forge.Core.Ring;

namespace Forge.Rollout.Generation;

/// <summary>What a request must satisfy to be decodable.</summary>
internal static class RequestRules
{
    /// <exception cref="ArgumentException">Names the rule that the request breaks, and the value.</exception>
    public static void Check(GenerationRequest request, int vocabulary, int maxContext)
    {
        var prompt = request.PromptIds;
        Require(!prompt.IsDefaultOrEmpty, request, "has an empty prompt");
        Require(prompt.Length < maxContext, request, $"has a prompt of {prompt.Length} tokens, which leaves no room in the context of {maxContext}; raise rollout.max_context");
        var outside = prompt.AsSpan().IndexOfAnyExceptInRange(0, vocabulary - 1);
        Require(outside < 0, request, $"has token id {(outside < 0 ? 0 : prompt[outside])} at position {outside}, outside the vocabulary of {vocabulary}");
        Require(request.SharedPrefixLength >= 0 && request.SharedPrefixLength <= prompt.Length, request, $"has a shared prefix of {request.SharedPrefixLength} tokens in a prompt of {prompt.Length}");
        Require(request.Turn >= 0, request, $"has turn {request.Turn}; turns count from 0");
        Check(request, request.Sampling);
    }

    private static void Check(GenerationRequest request, SamplingParameters sampling)
    {
        Require(double.IsFinite(sampling.Temperature) && sampling.Temperature >= 0, request, $"has temperature {sampling.Temperature}; it is at least 0");
        Require(sampling.TopP is > 0 and <= 1, request, $"has top_p {sampling.TopP}; it is in (0, 1]");
        Require(sampling.TopK >= 0, request, $"has top_k {sampling.TopK}; it is at least 0");
        Require(sampling.MaxNewTokens >= 1, request, $"has max_new_tokens {sampling.MaxNewTokens}; it is at least 1");
        Require(!sampling.StopTokenIds.IsDefault, request, "has no list of stop tokens; an empty one is allowed");
    }

    private static void Require(bool condition, GenerationRequest request, string problem)
    {
        if (!condition)
        {
            throw new ArgumentException($"Request {request.Id} {problem}.", nameof(request));
        }
    }
}
