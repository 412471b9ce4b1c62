using Forge.AgentSide.BlackBox;

namespace Forge.Harness.Tests;

/// <summary>The usual npm packages, unmodified, against the real gateway.</summary>
[Trait("Tier", "long")]
public sealed class PackageTests(AgentPackages packages) : IClassFixture<AgentPackages>
{
    [Theory]
    [InlineData("openai")]
    [InlineData("openai-responses")]
    [InlineData("anthropic")]
    [InlineData("ai-sdk")]
    [InlineData("openai-agents")]
    [InlineData("langgraph")]
    public async Task Example_solves_its_task_and_every_token_is_accounted_for(string example)
    {
        await using var ring = await ScriptedRing.StartAsync();

        var episode = await ring.PlayAsync(
            example, new ProgramOptions { Command = ["node", Path.Combine(packages.Folder, example + ".mjs")], Packages = packages.Folder });

        Played.RequireSolved(ring, episode);
    }
}
