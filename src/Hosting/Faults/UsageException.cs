using Forge.Core.Faults;

namespace Forge.Hosting.Faults;

/// <summary>The command line asks for something that can't be: exit code 2, nothing was started.</summary>
public sealed class UsageException : ForgeException
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
