namespace Forge.Core.Faults;

/// <summary>
/// Forge's own parts failed: a process died, a connection broke, a deadline passed. It says nothing about agent or policy, so that it never
/// becomes a reward; the same attempt may succeed a moment later.
/// </summary>
public sealed class InfrastructureFaultException : ForgeException
{
    public InfrastructureFaultException() => IsTransient = true;

    public InfrastructureFaultException(string message)
        : base(message)
        => IsTransient = true;

    public InfrastructureFaultException(string message, Exception? innerException)
        : base(message, innerException)
        => IsTransient = true;
}
