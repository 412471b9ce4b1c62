using Forge.AgentSide.Calc;
using Forge.AgentSide.Records;

namespace Forge.AgentSide.Environments;

/// <summary>Makes the environment that a run names.</summary>
public static class EnvironmentCatalog
{
    public static IReadOnlyList<string> Names { get; } = ["records", "calc"];

    /// <exception cref="ArgumentException">No environment has this name.</exception>
    public static IEnvironment Create(EnvironmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Name switch
        {
            "records" => new RecordsEnvironment(options.Records),
            "calc" => new CalcEnvironment(options.Calc),
            _ => throw new ArgumentException(
                $"There is no environment '{options.Name}'; the environments are {string.Join(" and ", Names)}."),
        };
    }
}
