using System.CommandLine;
using System.CommandLine.Parsing;
using Forge.Core.Text;

namespace Forge.Cli.Terminal;

/// <summary>Says what is wrong with a command line, and what was probably meant.</summary>
internal static class ParseErrors
{
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var lines = parsed.UnmatchedTokens.Select(token => Unmatched(parsed, command, token))
            .Concat(parsed.Errors.Where(error => !parsed.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))
                    && !(error.Message.StartsWith("Required command", StringComparison.Ordinal) && parsed.UnmatchedTokens.Count > 0))
                .Select(error => error.Message));
        return string.Join('\n', lines.Distinct().Select(line => $"forge: {line}").Append($"See: {PathOf(parsed)} --help"));
    }

    private static string Unmatched(ParseResult parsed, Command command, string token)
    {
        var isOption = token.StartsWith('-');
        var known = isOption ? Options(parsed) : [.. command.Subcommands.Select(verb => verb.Name)];
        var what = isOption ? "option" : command.Subcommands.Count > 0 ? "verb" : "argument";
        var nearest = NearestName.Of(token, known);
        return nearest is not null ? $"unknown {what} '{token}'; the nearest is '{nearest}'"
            : known.Length > 0 ? $"unknown {what} '{token}'; known are {string.Join(", ", known)}"
            : $"unknown {what} '{token}'; '{PathOf(parsed)}' takes none";
    }

    private static string[] Options(ParseResult parsed)
        => [.. Ancestors(parsed).SelectMany(command => command.Options).Where(option => !option.Hidden).Select(option => option.Name).Distinct()];

    private static string PathOf(ParseResult parsed)
        => string.Join(' ', Ancestors(parsed).Reverse().Select(command => command is RootCommand ? "forge" : command.Name));

    private static IEnumerable<Command> Ancestors(ParseResult parsed)
    {
        for (SymbolResult? result = parsed.CommandResult; result is not null; result = result.Parent)
        {
            if (result is CommandResult command)
            {
                yield return command.Command;
            }
        }
    }
}
