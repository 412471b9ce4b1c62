using Forge.Cli.Bench;
using Forge.Cli.Machine;
using Spectre.Console;

namespace Forge.Cli.Tests.Machine;

public sealed class BenchReportTests
{
    private static readonly MachineDescription Machine = new("Test CPU", 2, true, 24.5, "Linux", ".NET");

    private static readonly object[] Rows = [new { Sequences = 64, PromptTokens = 128, GeneratedTokensPerS = 12_345.0 }];

    [Fact]
    public void Json_is_one_object_of_bench_machine_and_rows()
    {
        var json = BenchReport.ToJson("rollout", Machine, Rows);

        Assert.Equal(["bench", "machine", "rows"], json.Select(part => part.Key));
        Assert.Equal("""[{"sequences":64,"prompt_tokens":128,"generated_tokens_per_s":12345}]""", json["rows"]!.ToJsonString());
        Assert.Equal(2, json["machine"]!["cores"]!.GetValue<int>());
    }

    [Fact]
    public void Table_has_a_column_per_property()
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });

        BenchReport.Show(console, "rollout", Machine, Rows);

        Assert.Contains("generated tokens per s", output.ToString().ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("12,345", output.ToString(), StringComparison.Ordinal);
    }
}
