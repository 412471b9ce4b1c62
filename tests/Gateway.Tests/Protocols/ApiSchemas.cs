using System.Diagnostics;
using System.Text.Json.Nodes;
using Forge.TestKit;

namespace Forge.Gateway.Tests.Protocols;

/// <summary>The published description of OpenAI's API, asked through eng/api-schemas, which npm installs once into a folder that git ignores.</summary>
internal static class ApiSchemas
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>Fails with what is wrong when a value does not follow its schema.</summary>
    internal static async Task AssertValidAsync(params IEnumerable<(string Schema, JsonNode Value)> values)
    {
        var asked = values.ToList();
        Assert.NotEmpty(asked);
        var answers = await AskAsync(asked);

        Assert.Equal(asked.Count, answers.Count);
        Assert.All(asked.Zip(answers), pair => Assert.True(pair.Second == "ok", $"{pair.Second}\n{pair.First.Value}"));
    }

    /// <summary>"ok", or what is wrong, for each value.</summary>
    internal static async Task<IReadOnlyList<string>> AskAsync(IEnumerable<(string Schema, JsonNode Value)> values)
    {
        var folder = await Installed.Value;
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "validate.mjs"), Golden.Path("api/openai.openapi.json")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var (schema, value) in values)
        {
            await node.StandardInput.WriteLineAsync(new JsonObject { ["schema"] = schema, ["value"] = value.DeepClone() }.ToJsonString());
        }

        node.StandardInput.Close();
        var lines = (await output.ProcessTimeout()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 0, await errors.ProcessTimeout());
        return lines;
    }

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(Root(), "eng", "api-schemas");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var output = npm.StandardOutput.ReadToEndAsync();
            var errors = await npm.StandardError.ReadToEndAsync().ProcessTimeout();
            await npm.WaitForExitAsync().ProcessTimeout();
            Assert.True(npm.ExitCode == 0, $"'npm ci' in {folder} failed: {errors}{await output}");
        }

        return folder;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Forge.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Forge.sln not found above the test binaries.");
        }

        return folder.FullName;
    }
}
