using Forge.Hosting.Services;

namespace Forge.Cli.Chaos;

/// <summary>One fault of a schedule.</summary>
/// <param name="At">When, since the run made its first step.</param>
/// <param name="Kind">What.</param>
/// <param name="Service">To whom; null for those that concern no service.</param>
/// <param name="Lasts">For how long; zero for those of a moment.</param>
internal sealed record PlannedFault(TimeSpan At, ChaosKind Kind, ServiceName? Service, TimeSpan Lasts)
{
    /// <summary>Such as <c>kill gateway</c>.</summary>
    public string Name => Service is { } service ? $"{Words(Kind)} {ServiceNames.Of(service)}" : Words(Kind);

    /// <summary>Spells a kind as reports do.</summary>
    public static string Words(ChaosKind kind) => kind switch
    {
        ChaosKind.Kill => "kill",
        ChaosKind.Freeze => "freeze",
        ChaosKind.Cut => "cut connections of",
        ChaosKind.Delay => "delay connections of",
        ChaosKind.Stall => "stall connections of",
        ChaosKind.FlushRedis => "flush redis",
        ChaosKind.KillRedis => "kill redis",
        ChaosKind.StopPostgres => "stop postgres",
        ChaosKind.KillPostgres => "kill postgres",
        ChaosKind.FillDisk => "fill disk",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
