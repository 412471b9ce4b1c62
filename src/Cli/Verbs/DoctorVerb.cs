using System.CommandLine;
using System.Text.Json.Nodes;
using Forge.Cli.Machine;
using Forge.Hosting.Faults;
using Spectre.Console;

namespace Forge.Cli.Verbs;

/// <summary><c>forge doctor</c>: says what this machine has, what is wrong with it, and what to do about it.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var device = new Option<string>("--device") { Description = "Also checks that this device computes: cpu or cuda.", DefaultValueFactory = _ => "cpu" };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        var golden = new Option<DirectoryInfo?>("--golden") { Description = "Checks the model against reference data in this folder.", HelpName = "folder" };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var command = new Command("doctor", "Checks the machine, the native library and, with --golden, the model's arithmetic.") { device, golden, json };
        command.SetAction(parsed =>
        {
            var findings = Examination.Run(parsed.GetValue(device)!, parsed.GetValue(golden)?.FullName).ToList();
            Show(findings, parsed.GetValue(json));
            return (int)(findings.Any(finding => finding.Verdict == Verdict.Bad) ? ExitCode.Failure : ExitCode.Success);
        });
        return command;
    }

    private static void Show(List<Finding> findings, bool json)
    {
        if (json)
        {
            Console.WriteLine(new JsonObject
            {
                ["machine"] = MachineDescription.Here().ToJson(),
                ["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject
                {
                    ["check"] = finding.Check,
                    ["verdict"] = finding.Verdict.ToString().ToLowerInvariant(),
                    ["detail"] = finding.Detail,
                    ["remedy"] = finding.Remedy,
                })]),
            }.ToJsonString());
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var finding in findings)
        {
            grid.AddRow(Mark(finding.Verdict), Markup.Escape(finding.Check), Markup.Escape(finding.Detail));
            if (finding.Remedy.Length > 0)
            {
                grid.AddRow("", "", $"[yellow]{Markup.Escape(finding.Remedy)}[/]");
            }
        }

        AnsiConsole.Write(grid);
    }

    private static string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Good => "[green]ok[/]",
        Verdict.Warning => "[yellow]warn[/]",
        _ => "[red]BAD[/]",
    };
}
