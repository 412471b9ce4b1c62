namespace Forge.Rollout.Decoding;

/// <summary>Draws tokens from logits with the native sampler, for decoders that do not sample themselves.</summary>
internal static class TokenSampler
{
    /// <summary>Temperature, then top-k, then top-p over what is left; the random number depends on (seed, stream, index) only.</summary>
    public static unsafe SampledToken Draw(ReadOnlySpan<float> logits, in TokenSampling sampling)
    {
        fixed (float* data = logits)
        {
            return DecoderNative.Sample(data, logits.Length, sampling, out var result) < 0
                ? throw new InvalidOperationException($"Sampling failed: {DecoderNative.LastError()}.")
                : result;
        }
    }
}
