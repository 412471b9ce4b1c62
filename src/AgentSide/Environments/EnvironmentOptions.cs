using Forge.AgentSide.Calc;
using Forge.AgentSide.Records;

namespace Forge.AgentSide.Environments;

/// <summary>Which environment a run uses, and the settings of each.</summary>
public sealed class EnvironmentOptions
{
    /// <summary><c>records</c> or <c>calc</c>.</summary>
    public string Name { get; init; } = "records";

    public RecordsOptions Records { get; init; } = new();

    public CalcOptions Calc { get; init; } = new();
}
