using System.Collections.Immutable;
using Forge.Core.Faults;

namespace Forge.Hosting.RunFiles;

/// <summary>A run file can't be used; it lists everything that is wrong with it, not only the first thing.</summary>
public sealed class RunFileException : ForgeException
{
    public RunFileException()
    {
    }

    public RunFileException(string message)
        : base(message)
    {
    }

    public RunFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public RunFileException(IEnumerable<Violation> violations)
        : base(string.Join('\n', violations))
        => Violations = [.. violations];

    public ImmutableArray<Violation> Violations { get; } = [];
}
