using Forge.AgentSide.Calc;
using Forge.AgentSide.Mcp;
using Forge.AgentSide.OpenEnv;
using Forge.AgentSide.Records;
using Forge.Core.Text;

namespace Forge.AgentSide.Environments;

/// <summary>Makes the environment that a run names.</summary>
public static class EnvironmentCatalog
{
    /// <summary>The built-in environments, and what each asks for in one line.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Entries { get; } =
    [
        ("records", "Questions over a small database of people and cities, a look-up at a time; tools fail now and then."),
        ("calc", "Nested whole-number arithmetic with a calculator that takes one operation at a time."),
        ("open_env", "Whatever a server of the OpenEnv protocol offers; its actions are the tool step, its rewards the outcome."),
        ("mcp", "Questions of a file, answered with the tools of an MCP server, which is a program or an address."),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(entry => entry.Name)];

    /// <exception cref="ArgumentException">No environment has this name.</exception>
    public static IEnvironment Create(EnvironmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Assembly.Length > 0)
        {
            return EnvironmentAssembly.Create(options.Assembly, options.Name, options.Settings);
        }

        return options.Name switch
        {
            "records" => new RecordsEnvironment(options.Records),
            "calc" => new CalcEnvironment(options.Calc),
            "mcp" => McpEnvironment.Create(options.Mcp),
            "open_env" => OpenEnvEnvironment.Connect(options.OpenEnv),
            _ => throw new ArgumentException(
                $"There is no environment '{options.Name}'; the environments are {string.Join(" and ", Names)}."),
        };
    }

    /// <summary>Says which key of <c>agent_side.environment</c> is wrong and why, as far as can be seen without making the environment.</summary>
    public static IEnumerable<(string Key, string Problem)> Problems(EnvironmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Assembly.Length > 0)
        {
            if (!File.Exists(options.Assembly))
            {
                yield return ("assembly", $"there is no file '{Path.GetFullPath(options.Assembly)}'; build the environment first (dotnet build), or correct the path");
            }

            yield break;
        }

        if (options.Settings.Count > 0)
        {
            yield return ("settings", "are given to an environment of an assembly, but agent_side.environment.assembly is not set");
        }

        if (options is { Name: "open_env", OpenEnv.Url: "" })
        {
            yield return ("open_env.url", "is not set: give the server's address, such as http://127.0.0.1:8000");
        }

        if (options is { Name: "mcp", Mcp: { Command: "", Url: "" } })
        {
            yield return ("mcp.command", "is not set, nor is url: give the server's program or its address");
        }

        if (options.Name == "mcp" && !File.Exists(options.Mcp.Tasks))
        {
            yield return ("mcp.tasks", $"there is no file of questions '{options.Mcp.Tasks}'");
        }

        if (!Names.Contains(options.Name))
        {
            var nearest = NearestName.Of(options.Name, Names);
            yield return ("name", $"there is no environment '{options.Name}'; known are {string.Join(", ", Names)}"
                + (nearest is null ? "" : $"; the nearest is '{nearest}'"));
        }
    }
}
