using System.Text;
using Forge.TestKit;

namespace Forge.Sandbox.Tests;

public sealed class OrdinaryWorkTests
{
    [Fact]
    public async Task A_shell_works_on_files_in_its_folder()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var first = await harness.ShellAsync("pwd; whoami; mkdir -p a/b && printf '3\\n1\\n2\\n' | sort > a/b/c && mv a/b/c a/d && cat a/d; echo warn >&2; exit 7");
        var second = await harness.ShellAsync("cat a/d | wc -l");

        Assert.Equal("/work\nagent\n1\n2\n3\n", first.Output.Text);
        Assert.Equal("warn\n", first.Error.Text);
        Assert.Equal((SandboxEnd.Exited, 7), (first.End, first.ExitCode));
        Assert.Equal("3", second.Output.Text.Trim());
    }

    [Fact]
    public async Task Python_works_with_threads_processes_and_local_servers()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "This machine has no /usr/bin/python3.");
        await using var harness = await SandboxHarness.OpenAsync();

        var worked = await harness.RunAsync("/usr/bin/python3", "-c", """
            import http.server, json, subprocess, tempfile, threading, urllib.request
            class Answer(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200); self.end_headers(); self.wfile.write(b'{"six": 6}')
                def log_message(self, *a): pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            six = json.load(urllib.request.urlopen("http://localhost:%d/" % server.server_port))["six"]
            seven = int(subprocess.run(["sh", "-c", "echo 7"], capture_output=True).stdout)
            with tempfile.NamedTemporaryFile("w+") as f:
                f.write(str(six * seven)); f.seek(0); print(f.read())
            """);

        Assert.Equal("42", worked.Output.Text.Trim());
        Assert.Equal("", worked.Error.Text);
    }

    [Fact]
    public async Task Input_and_variables_arrive_and_nothing_of_our_own_environment_does()
    {
        await using var harness = await SandboxHarness.OpenAsync();
        var command = SandboxCommand.Shell("cat; env | sort | cut -d= -f1 | tr '\\n' ' '; echo $FORGE_TASK") with
        {
            Input = Encoding.UTF8.GetBytes("from outside\n"),
            Environment = SandboxCommand.Shell("").Environment.Add("FORGE_TASK", "/work/task.json"),
        };

        var seen = await harness.Sandbox.RunAsync(command, TestContext.Current.CancellationToken).DefaultTimeout();

        Assert.Equal(["from outside", "FORGE_TASK HOME LANG PATH PWD TMPDIR USER /work/task.json", ""], seen.Output.Text.Split('\n'));
    }

    [Fact]
    public async Task Further_folders_are_readable_where_options_name_them()
    {
        using var host = new TemporaryFolder();
        File.WriteAllText(host.File("tool"), "a tool");
        File.SetUnixFileMode(host.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await using var harness = await SandboxHarness.OpenAsync(new SandboxOptions { ReadOnly = [$"{host.Path}=/opt/tools"] });

        var seen = await harness.ShellAsync("cat /opt/tools/tool; echo x > /opt/tools/tool");

        Assert.Equal("a tool", seen.Output.Text);
        Assert.NotEqual(0, seen.ExitCode);
        Assert.Equal("a tool", File.ReadAllText(host.File("tool")));
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_said_so()
    {
        await using var harness = await SandboxHarness.OpenAsync();

        var tried = await harness.RunAsync("no-such-program");

        Assert.Equal((SandboxEnd.Exited, 127), (tried.End, tried.ExitCode));
        Assert.Contains("cannot run 'no-such-program'", tried.Error.Text, StringComparison.Ordinal);
    }
}
