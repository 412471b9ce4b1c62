namespace Forge.Hosting.Tests.RunFiles;

internal sealed class OtherOptions
{
    public double Temperature { get; init; } = 1;

    public int Groups { get; init; } = 4;
}
