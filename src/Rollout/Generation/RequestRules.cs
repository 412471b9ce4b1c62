using Forge.Core.Ring;

namespace Forge.Rollout.Generation;

/// <summary>What a request must satisfy to be decodable.</summary>
internal static class RequestRules
{
    /// <exception cref="ArgumentException">Names the rule that the request breaks, and the value.</exception>
    public static void Check(GenerationRequest request, int vocabulary, int maxContext)
    {
        var prompt = request.PromptIds;
        var (length, shared) = (prompt.IsDefault ? 0 : prompt.Length, request.SharedPrefixLength);
        Require(length > 0, request, "has an empty prompt");
        var room = $"has a prompt of {length} tokens, which leaves no room in the context of {maxContext}; raise rollout.max_context";
        Require(length < maxContext, request, room);
        var outside = prompt.AsSpan().IndexOfAnyExceptInRange(0, vocabulary - 1);
        if (outside >= 0)
        {
            Require(false, request, $"has token id {prompt[outside]} at position {outside}, outside the vocabulary of {vocabulary}");
        }

        Require(shared >= 0 && shared <= length, request, $"has a shared prefix of {shared} tokens in a prompt of {length}");
        Require(request.Turn >= 0, request, $"has turn {request.Turn}; turns count from 0");
        Require(request.Patience is null || request.Patience >= TimeSpan.Zero, request, $"has a patience of {request.Patience}; it is at least 0");
        Check(request, request.Sampling);
    }

    private static void Check(GenerationRequest request, SamplingParameters sampling)
    {
        var temperature = sampling.Temperature;
        Require(double.IsFinite(temperature) && temperature >= 0, request, $"has temperature {temperature}; it is at least 0");
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
