using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Forge.AgentSide.BlackBox;
using Forge.AgentSide.BlackBox.Templates;
using Forge.Core.Faults;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed partial class HarnessTemplateTests
{
    private static readonly string[] Apis = ["chat", "responses", "messages"];

    private static readonly Placeholders Values = new(new Dictionary<string, string>
    {
        ["prompt"] = "say \"hi\"\nnow",
        ["question"] = "q?",
        ["base_url"] = "http://127.0.0.1:7/e/e",
        ["key"] = "the-key",
        ["model"] = "forge",
        ["work"] = "/w",
        ["home"] = "/w/.forge/home",
        ["task"] = "/w/.forge/task.json",
        ["packages"] = "/p",
    }.ToImmutableSortedDictionary());

    public static TheoryData<string> Templates => [.. HarnessTemplate.Names];

    [Fact]
    public void Names_are_those_of_the_contract()
        => Assert.Equal(["codex", "opencode", "pi", "qwen-code"], HarnessTemplate.Names);

    [Theory]
    [MemberData(nameof(Templates))]
    public void Every_template_pins_its_version_and_renders(string name)
    {
        var template = HarnessTemplate.Load(name);
        var plan = ProgramPlan.Of(new ProgramOptions { Template = name });

        Assert.Equal(name, template.Name);
        Assert.Matches(Pinned(), template.Version);
        Assert.Contains(template.Api, Apis);
        var command = plan.Command.Select(Values.Fill).ToArray();
        Assert.Contains("say \"hi\"\nnow", command);
        var all = string.Join('\n', [.. command, .. plan.Variables.Values.Select(Values.Fill), .. plan.Files.Values.Select(Values.FillQuoted)]);
        Assert.Contains("http://127.0.0.1:7/e/e/v1", all, StringComparison.Ordinal);
        Assert.Contains("the-key", all, StringComparison.Ordinal);
        Assert.DoesNotContain("${", all, StringComparison.Ordinal);
        Assert.StartsWith("#!/usr/bin/env node\n", plan.Files["tool"], StringComparison.Ordinal);
        Assert.All(plan.Files.Where(file => file.Key.EndsWith(".json", StringComparison.Ordinal)), file => JsonNode.Parse(Values.FillQuoted(file.Value)));
    }

    [Fact]
    public void FillQuoted_escapes_for_the_inside_of_quotes()
        => Assert.Equal("""{"a": "say \"hi\"\nnow"}""", Values.FillQuoted("""{"a": "${prompt}"}"""));

    [Fact]
    public void Fill_names_an_unknown_placeholder_and_the_known_ones()
    {
        var fault = Assert.Throws<EnvironmentFaultException>(() => Values.Fill("--url ${url}"));

        Assert.Contains("${url}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("base_url", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_names_the_nearest_template()
        => Assert.Contains("'codex'", Assert.Throws<ForgeException>(() => HarnessTemplate.Load("codexx")).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_reads_a_file_and_says_what_is_wrong_with_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("mine.json"), """{"name": "mine", "package": "x", "version": "1.0.0", "api": "chat", "comand": ["x"]}""");

        var fault = Assert.Throws<ForgeException>(() => HarnessTemplate.Load(folder.File("mine.json")));

        Assert.Contains("comand", fault.Message, StringComparison.Ordinal);
        Assert.Contains("mine.json", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_takes_the_runs_command_and_variables_before_the_templates()
    {
        var plan = ProgramPlan.Of(new ProgramOptions
        {
            Template = "codex",
            Command = ["mine"],
            Variables = ImmutableSortedDictionary<string, string>.Empty.Add("CODEX_HOME", "/elsewhere"),
        });

        Assert.Equal(["mine"], plan.Command);
        Assert.Equal("/elsewhere", plan.Variables["CODEX_HOME"]);
        Assert.Equal("${key}", plan.Variables["FORGE_KEY"]);
    }

    [Fact]
    public void A_plan_without_a_program_says_what_to_set()
        => Assert.Contains("agent_side.program.command", Assert.Throws<ForgeException>(() => ProgramPlan.Of(new ProgramOptions())).Message, StringComparison.Ordinal);

    [GeneratedRegex(@"^\d+\.\d+\.\d+$")]
    private static partial Regex Pinned();
}
