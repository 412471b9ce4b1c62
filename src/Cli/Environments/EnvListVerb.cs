using System.CommandLine;
using System.Text.Json.Nodes;
using Forge.AgentSide.Environments;
using Forge.Hosting.RunFiles;
using Spectre.Console;

namespace Forge.Cli.Environments;

/// <summary><c>forge env list</c>: the built-in environments and the keys that set them.</summary>
internal static class EnvListVerb
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var command = new Command("list", "Lists the built-in environments with their options and defaults.") { json };
        command.SetAction(parsed => Show(parsed.GetValue(json)));
        return command;
    }

    private static void Show(bool json)
    {
        var defaults = OptionDefaults.Of(new EnvironmentOptions(), "agent_side.environment");
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["environments"] = new JsonArray([.. EnvironmentCatalog.Entries.Select(entry => new JsonObject
                {
                    ["name"] = entry.Name,
                    ["summary"] = entry.Summary,
                    ["options"] = new JsonObject(Own(defaults, entry.Name).Select(option => KeyValuePair.Create<string, JsonNode?>(option.Key, option.Value))),
                })]),
            }.ToJsonString());
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, summary) in EnvironmentCatalog.Entries)
        {
            grid.AddRow($"[bold]{Markup.Escape(name)}[/]", Markup.Escape(summary));
            foreach (var (key, value) in Own(defaults, name))
            {
                grid.AddRow("", Markup.Escape($"{key} = {value}"));
            }
        }

        AnsiConsole.Write(grid);
        Console.WriteLine("\nUse one:          forge train --set agent_side.environment.name=calc");
        Console.WriteLine("One of your own:  forge env new my_environment");
    }

    private static IEnumerable<(string Key, string Value)> Own(IEnumerable<(string Key, string Value)> defaults, string name)
        => defaults.Where(option => option.Key.StartsWith($"agent_side.environment.{name}.", StringComparison.Ordinal));
}
