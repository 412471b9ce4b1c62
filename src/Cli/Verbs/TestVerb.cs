using System.CommandLine;
using Forge.Hosting.Faults;

namespace Forge.Cli.Verbs;

/// <summary><c>forge test</c>: belongs to the launcher, which builds before it tests; listed here so that the help knows it.</summary>
internal static class TestVerb
{
    public static Command Create()
    {
        var command = new Command("test", "Builds everything, checks the formatting, runs the tests (--long: the long suites).")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(new Func<ParseResult, int>(_ => throw new UsageException("the tests are run by the launcher of a source checkout: ./forge test")));
        return command;
    }
}
