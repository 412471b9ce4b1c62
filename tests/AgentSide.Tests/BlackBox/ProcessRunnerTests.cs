using System.Collections.Immutable;
using System.Globalization;
using Forge.AgentSide.BlackBox.Programs;
using Forge.Core.Faults;
using Forge.TestKit;

namespace Forge.AgentSide.Tests.BlackBox;

public sealed class ProcessRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ProcessRunner _runner = new(TimeProvider.System);

    [Fact]
    public async Task Run_keeps_what_was_said_and_the_exit_code()
    {
        var end = await RunAsync("echo out; echo err >&2; exit 7", TestContext.Current.CancellationToken);

        Assert.Equal(new ProgramEnd(7, false), end);
        Assert.Equal("out\n", await Text("out"));
        Assert.Equal("err\n", await Text("err"));
    }

    [Fact]
    public async Task Run_keeps_begin_and_end_of_a_long_output()
    {
        await RunAsync("echo begin; head -c 3000000 /dev/zero | tr '\\0' x; echo end", TestContext.Current.CancellationToken);

        var text = await Text("out");
        Assert.StartsWith("begin\nxxx", text, StringComparison.Ordinal);
        Assert.EndsWith("xxxend\n", text, StringComparison.Ordinal);
        Assert.Contains("bytes are left out here", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 2048, 2048 + 100);
    }

    [Fact]
    public async Task Run_leaves_no_process_behind_daemons_included()
    {
        // The second sleeper leaves session, group and parent, and closes the pipes.
        await RunAsync("sleep 1000 & echo $!; setsid sh -c 'sleep 1000 >/dev/null 2>&1 & echo $!' ; exit 0", TestContext.Current.CancellationToken);

        var ids = (await Text("out")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(2, ids.Length);
        Assert.All(ids, id => Assert.False(IsRunning(id)));
    }

    [Fact]
    public async Task Run_kills_all_when_it_is_stopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var end = await RunAsync("trap '' TERM; sleep 1000 & echo $!; wait", stop.Token);

        Assert.Equal(new ProgramEnd(null, true), end);
        Assert.False(IsRunning(int.Parse(await Text("out"), CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Run_says_which_program_is_missing()
    {
        var start = Start("") with { Command = ["no-such-program"] };

        var fault = await Assert.ThrowsAsync<EnvironmentFaultException>(
            () => _runner.RunAsync(start, TestContext.Current.CancellationToken).DefaultTimeout());

        Assert.Contains("'no-such-program'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("agent_side.program.command", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ProgramEnd> RunAsync(string script, CancellationToken stop) => _runner.RunAsync(Start(script), stop).DefaultTimeout();

    private ProgramStart Start(string script) => new(
        ["sh", "-c", script], _folder.Path, ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin"),
        _folder.File("out"), _folder.File("err"), 2048);

    private Task<string> Text(string file) => File.ReadAllTextAsync(_folder.File(file), TestContext.Current.CancellationToken);

    // A killed process may wait for whoever adopted it; it runs no more.
    private static bool IsRunning(int id)
    {
        try
        {
            return !File.ReadLines($"/proc/{id}/status").Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal) || line.StartsWith("State:\tX", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
