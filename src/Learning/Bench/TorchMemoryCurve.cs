namespace Forge.Learning.Bench;

/// <summary>How memory went while a tiny model trained.</summary>
/// <param name="Steps">Measured training steps.</param>
/// <param name="ResidentBytes">Resident memory of the process at even distances.</param>
/// <param name="LiveHandles">Native tensor handles alive at the same moments; zero where the official package makes
/// them.</param>
public sealed record TorchMemoryCurve(int Steps, IReadOnlyList<long> ResidentBytes, IReadOnlyList<long> LiveHandles)
{
    /// <summary>
    /// How far memory rose above the first sample, as a fraction of it; the target is at most 0.05. A fall is no leak: the system
    /// takes pages of libraries back when it likes.
    /// </summary>
    public double LargestDrift
        => (ResidentBytes.Max() - ResidentBytes[0]) / (double)ResidentBytes[0];
}
