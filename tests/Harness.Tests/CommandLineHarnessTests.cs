using Forge.AgentSide.BlackBox;

namespace Forge.Harness.Tests;

/// <summary>The command-line harnesses of the templates, headless and unmodified, against the real gateway: they solve the task with their own shell tool.</summary>
[Trait("Tier", "long")]
public sealed class CommandLineHarnessTests(HarnessPackages packages) : IClassFixture<HarnessPackages>
{
    [Theory]
    [InlineData("codex")]
    [InlineData("opencode")]
    [InlineData("pi")]
    [InlineData("qwen-code")]
    public async Task Harness_solves_its_task_and_every_token_is_accounted_for(string template)
    {
        await using var ring = await ScriptedRing.StartAsync();

        var episode = await ring.PlayAsync(template, new ProgramOptions { Template = template, Packages = packages.Folder });

        Played.RequireSolved(ring, episode);
    }
}
