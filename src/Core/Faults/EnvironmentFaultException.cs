namespace Forge.Core.Faults;

/// <summary>An environment threw: its episode is consumed as an environment failure and never trained on.</summary>
public sealed class EnvironmentFaultException : ForgeException
{
    public EnvironmentFaultException()
    {
    }

    public EnvironmentFaultException(string message)
        : base(message)
    {
    }

    public EnvironmentFaultException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
