namespace Forge.Sandbox.Running;

/// <summary>The variables that a sandboxed program gets: never this process's own.</summary>
internal static class ProgramEnvironment
{
    public static Dictionary<string, string> Of(SandboxCommand command, string home)
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = home,
            ["USER"] = "agent",
            ["LANG"] = "C.UTF-8",
            ["TMPDIR"] = "/tmp",
        };
        foreach (var (name, value) in command.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }
}
