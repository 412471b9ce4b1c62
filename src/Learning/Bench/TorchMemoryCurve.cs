namespace Forge.Learning.Bench;

/// <summary>How memory went while a tiny model trained.</summary>
/// <param name="Steps">Measured training steps.</param>
/// <param name="ResidentBytes">Resident memory of the process at even distances.</param>
/// <param name="LiveHandles">Native tensor handles alive at the same moments; zero where the official package makes
/// them.</param>
public sealed record TorchMemoryCurve(int Steps, IReadOnlyList<long> ResidentBytes, IReadOnlyList<long> LiveHandles)
{
    /// <summary>
    /// The largest distance of a sample from the first, as a fraction of the first; the target is at most 0.05.
    /// </summary>
    public double LargestDrift
        => ResidentBytes.Max(sample => Math.Abs(sample - ResidentBytes[0])) / (double)ResidentBytes[0];
}
