using System.ComponentModel.DataAnnotations;

namespace Forge.Hosting.Tests.RunFiles;

internal sealed class SampleLoss
{
    [Range(0.0, 100.0)]
    public double EpsilonHigh { get; init; } = 4;
}
