using System.Text.Json.Serialization;

namespace Forge.Cli.Chaos;

/// <summary>One fault as it happened.</summary>
/// <param name="Fault">Such as <c>kill gateway</c>.</param>
/// <param name="At">Seconds since the run's first step.</param>
/// <param name="Seconds">How long it lasted.</param>
internal sealed record InjectedFault(string Fault, double At, double Seconds)
{
    /// <summary>Seconds from its end until a completion, a result and a step had been acknowledged again; null: they never were.</summary>
    public double? RecoverySeconds { get; set; }

    /// <summary>When it was over.</summary>
    [JsonIgnore]
    public DateTimeOffset Over { get; init; }
}
