namespace Forge.Learning.Checkpoints;

/// <summary>Chooses the precision to which FP8 weights are decoded before they reach the model's dtype.</summary>
public enum Fp8Decoding
{
    /// <summary>Rounded to bf16 first, as serving engines do; the default.</summary>
    Rounded,

    /// <summary>Kept as decoded, in fp32.</summary>
    Exact,
}
