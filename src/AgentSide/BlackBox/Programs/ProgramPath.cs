using Forge.Core.Faults;

namespace Forge.AgentSide.BlackBox.Programs;

/// <summary>Finds programs in a PATH that is not this process's own.</summary>
internal static class ProgramPath
{
    /// <exception cref="EnvironmentFaultException">There is none of that name.</exception>
    public static string Find(string program, string path, string workFolder)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return Path.GetFullPath(program, workFolder);
        }

        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists)
            ?? throw new EnvironmentFaultException(
                $"There is no program '{program}' in {path}. Install it, correct agent_side.program.command, or set agent_side.program.packages.");
    }
}
