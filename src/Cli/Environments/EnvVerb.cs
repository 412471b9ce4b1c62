using System.CommandLine;

namespace Forge.Cli.Environments;

/// <summary><c>forge env</c>: environments, from the list of them to one of your own.</summary>
internal static class EnvVerb
{
    public static Command Create()
    {
        var command = new Command("env", "Lists environments, tests one, or writes the project of a new one.");
        command.Subcommands.Add(EnvListVerb.Create());
        command.Subcommands.Add(EnvTestVerb.Create());
        command.Subcommands.Add(EnvNewVerb.Create());
        return command;
    }
}
