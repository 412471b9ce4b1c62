using System.Diagnostics;
using System.Text.Json;
using Forge.TestKit;

namespace Forge.Cli.Tests.Environments;

[Trait("Tier", "integration")]
public sealed class EnvVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task List_names_the_environments_with_their_options()
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, "env", "list", "--json");

        var environments = JsonDocument.Parse(result.Output).RootElement.GetProperty("environments").EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("name").GetString()!, entry => entry.GetProperty("options"));
        Assert.All((string[])["records", "calc", "open_env"], name => Assert.Contains(name, environments.Keys));
        Assert.Equal("0.2", environments["records"].GetProperty("agent_side.environment.records.failure_rate").GetString());
    }

    [Fact]
    public async Task Test_passes_a_built_in_environment_and_says_what_it_costs()
    {
        var result = await ForgeProcess.RunAsync(
            _folder.Path, "env", "test", "calc", "--json", "--tasks", "30", "--set", "agent_side.environment.calc.max_level=2");

        var report = JsonDocument.Parse(result.Output).RootElement;
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Equal([1, 2], report.GetProperty("costs").EnumerateArray().Select(cost => cost.GetProperty("level").GetInt32()));
    }

    [Theory]
    [InlineData("env test recods", "the nearest is 'records'")]
    [InlineData("env test records --tasks 3", "fewer than 20")]
    [InlineData("env test dice --assembly absent.dll", "build the environment first")]
    [InlineData("env test open_env", "agent_side.environment.open_env.url")]
    [InlineData("env test calc --set agent_side.environment.settings.sides=6", "agent_side.environment.assembly is not set")]
    [InlineData("env new Dice", "'Dice' is no name for an environment")]
    [InlineData("env tst records", "the nearest is 'test'")]
    public async Task Wrong_usage_says_what_is_wrong_and_exits_with_2(string arguments, string message)
    {
        var result = await ForgeProcess.RunAsync(_folder.Path, arguments.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_assembly_is_refused()
    {
        await File.WriteAllTextAsync(_folder.File("text.dll"), "text", TestContext.Current.CancellationToken);

        var result = await ForgeProcess.RunAsync(_folder.Path, "env", "test", "dice", "--assembly", "text.dll");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is no .NET assembly", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_writes_nothing_into_a_folder_that_has_something()
    {
        Directory.CreateDirectory(_folder.File("dice"));
        await File.WriteAllTextAsync(_folder.File("dice/mine.txt"), "mine", TestContext.Current.CancellationToken);

        var result = await ForgeProcess.RunAsync(_folder.Path, "env", "new", "dice");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("not empty", result.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_folder.File("dice")));
    }

    [Fact]
    [Trait("Tier", "long")]
    public async Task New_writes_a_project_whose_own_test_passes_and_that_Forge_loads()
    {
        var written = await ForgeProcess.RunAsync(_folder.Path, "env", "new", "hidden_number");
        Assert.True(written.ExitCode == 0, written.Error);

        var (exitCode, output) = await DotnetAsync("run", "--project", "hidden_number/tests");
        Assert.True(exitCode == 0, output);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);

        var tested = await ForgeProcess.RunAsync(_folder.Path, "env", "test", "hidden_number", "--assembly", "hidden_number/bin/HiddenNumber.dll");
        Assert.True(tested.ExitCode == 0, tested.Output + tested.Error);

        var mistyped = await ForgeProcess.RunAsync(_folder.Path, "env", "test", "hiden_number", "--assembly", "hidden_number/bin/HiddenNumber.dll");
        Assert.Equal(1, mistyped.ExitCode);
        Assert.Contains("the nearest is 'hidden_number'", mistyped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_s_environment_is_about_25_lines()
    {
        await ForgeProcess.RunAsync(_folder.Path, "env", "new", "hidden_number");

        var lines = await File.ReadAllLinesAsync(_folder.File("hidden_number/HiddenNumber.cs"), TestContext.Current.CancellationToken);

        Assert.InRange(lines.Count(line => !string.IsNullOrWhiteSpace(line)), 15, 27);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int ExitCode, string Output)> DotnetAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).ProcessTimeout();
        return (process.ExitCode, output);
    }
}
