using Forge.AgentSide.BlackBox;

namespace Forge.Harness.Tests;

/// <summary>The clients of clients/ and the example without packages, each as a program of its own against the real gateway.</summary>
public sealed class ClientTests
{
    public static TheoryData<string, string, string> Programs => new()
    {
        { "python-client", "python3", "clients/python/forge_client.py" },
        { "node-client", "node", "clients/node/forge-client.mjs" },
        { "plain-python", "python3", "examples/agents/plain.py" },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Program_solves_its_task_and_every_token_is_accounted_for(string name, string program, string script)
    {
        await using var ring = await ScriptedRing.StartAsync();

        var episode = await ring.PlayAsync(name, new ProgramOptions { Command = [program, RepositoryFiles.Find(script)] });

        Played.RequireSolved(ring, episode);
    }

    [Theory]
    [InlineData("python3", "import sys; sys.path.insert(0, r'CLIENTS/python')\nfrom forge_client import Episode\nwith Episode() as e:\n    e.chat([{'role': 'user', 'content': 'hi'}])\n    e.reward(0.5, True)\n", "agent.py")]
    [InlineData("node", "import { Episode } from 'CLIENTS/node/forge-client.mjs';\nconst e = new Episode();\nawait e.chat([{ role: 'user', content: 'hi' }]);\nawait e.reward(0.5, true);\n", "agent.mjs")]
    public async Task Program_posts_its_reward(string program, string text, string file)
    {
        await using var ring = await ScriptedRing.StartAsync();
        var script = Path.Combine(ring.Folder, file);
        await File.WriteAllTextAsync(
            script, text.Replace("CLIENTS", RepositoryFiles.Find("clients"), StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var episode = await ring.PlayAsync("posted", new ProgramOptions { Command = [program, script], Reward = RewardSource.Program });

        Assert.True(episode.Result.Success, episode.Result.Detail + ring.Output("posted"));
        Assert.Equal([0.5], episode.Result.Rewards.Select(reward => reward.Outcome));
    }
}
