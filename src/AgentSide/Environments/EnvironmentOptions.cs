using System.Collections.Immutable;
using Forge.AgentSide.Calc;
using Forge.AgentSide.Mcp;
using Forge.AgentSide.OpenEnv;
using Forge.AgentSide.Records;

namespace Forge.AgentSide.Environments;

/// <summary>Which environment a run uses, and the settings of each.</summary>
public sealed class EnvironmentOptions
{
    /// <summary>One of <see cref="EnvironmentCatalog.Names"/>, or with <see cref="Assembly"/> one of the assembly's.</summary>
    public string Name { get; init; } = "records";

    /// <summary>A built .NET assembly with environments of your own. Its code runs in this process: it must be code that you trust.</summary>
    public string Assembly { get; init; } = "";

    /// <summary>What the constructor of the assembly's environment is given.</summary>
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public RecordsOptions Records { get; init; } = new();

    public CalcOptions Calc { get; init; } = new();

    public OpenEnvOptions OpenEnv { get; init; } = new();

    public McpOptions Mcp { get; init; } = new();
}
