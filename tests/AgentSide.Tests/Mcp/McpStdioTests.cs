using Forge.AgentSide.Environments;
using Forge.AgentSide.Mcp;
using Forge.AgentSide.Tools;
using Forge.Core.Faults;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.Mcp;

/// <summary>A real server of the protocol's own authors, over its standard input and output.</summary>
[Trait("Tier", "integration")]
public sealed class McpStdioTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_episode_reads_its_files_through_the_server_s_tools()
    {
        var environment = await CreateAsync();
        using var instance = environment.Open(environment.Sample(TaskSplit.Train, 1, 3), 0);
        await instance.BeginAsync(Token).AsTask().ProcessTimeout();

        var read = await instance.CallToolAsync("read_text_file", """{"path": "note.txt"}""", Token).DefaultTimeout();
        var missing = await instance.CallToolAsync("read_text_file", """{"path": "absent.txt"}""", Token).DefaultTimeout();
        var outside = await instance.CallToolAsync("read_text_file", """{"path": "/etc/passwd"}""", Token).DefaultTimeout();
        var untyped = await instance.CallToolAsync("read_text_file", """{"path": 7}""", Token).DefaultTimeout();
        var unknown = await instance.CallToolAsync("fly", "{}", Token).DefaultTimeout();

        Assert.Equal(ToolObservation.Ok("the word is heron"), read);
        Assert.Equal(ToolOutcome.Failed, missing.Outcome);
        Assert.Equal(ToolOutcome.Failed, outside.Outcome);
        Assert.True(untyped.IsError);
        Assert.Equal(ToolObservation.Invalid("no such tool"), unknown);
        Assert.Equal(EnvironmentScore.Solved, instance.Score(" heron\n"));
        Assert.Equal(EnvironmentScore.Unsolved, instance.Score("a heron"));
    }

    [Fact]
    public async Task An_episode_s_files_are_its_own()
    {
        var environment = await CreateAsync();
        var task = environment.Sample(TaskSplit.Train, 1, 3);
        using var one = environment.Open(task, 0);
        using var other = environment.Open(task, 1);
        await one.BeginAsync(Token).AsTask().ProcessTimeout();
        await other.BeginAsync(Token).AsTask().ProcessTimeout();

        var written = await one.CallToolAsync("write_file", """{"path": "note.txt", "content": "changed"}""", Token).DefaultTimeout();
        var seen = await other.CallToolAsync("read_text_file", """{"path": "note.txt"}""", Token).DefaultTimeout();

        Assert.Equal(ToolOutcome.Ok, written.Outcome);
        Assert.Equal("the word is heron", seen.Text);
        Assert.Equal("the word is heron", await File.ReadAllTextAsync(_folder.File("files/note.txt"), Token));
    }

    [Fact]
    public async Task A_tool_that_the_server_lacks_is_named()
    {
        var fault = await Assert.ThrowsAsync<EnvironmentFaultException>(() => CreateAsync("read_text_file", "read_mind"));

        Assert.Contains("no tool read_mind; it has", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_speak_the_protocol_is_named_with_what_it_said()
    {
        Prepare();
        var options = new McpOptions
        {
            Command = "sh",
            Arguments = ["-c", "echo out of order >&2; exit 3"],
            Tasks = _folder.File("questions.jsonl"),
        };

        var fault = await Assert.ThrowsAsync<EnvironmentFaultException>(() => McpEnvironment.CreateAsync(options, Token).ProcessTimeout());

        Assert.Contains("out of order", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<McpEnvironment> CreateAsync(params string[] tools)
    {
        var program = await FilesystemServer.ProgramAsync();
        Prepare();
        return await McpEnvironment.CreateAsync(
            new McpOptions
            {
                Command = "node",
                Arguments = [program, McpOptions.FolderMark],
                Files = _folder.File("files"),
                Tasks = _folder.File("questions.jsonl"),
                Tools = tools.Length > 0 ? [.. tools] : ["read_text_file", "write_file"],
            },
            Token).ProcessTimeout();
    }

    private void Prepare()
    {
        Directory.CreateDirectory(_folder.File("files"));
        File.WriteAllText(_folder.File("files/note.txt"), "the word is heron");
        File.WriteAllLines(
            _folder.File("questions.jsonl"),
            Enumerable.Range(0, 20).Select(index => FormattableString.Invariant($$"""{"question": "Which word is in note.txt? ({{index}})", "answer": "heron"}""")));
    }
}
