namespace Forge.Core.Faults;

/// <summary>An agent did what it must not do, such as calling after its episode ended: the failure is the agent's, and counts as its failure.</summary>
public sealed class AgentFaultException : ForgeException
{
    public AgentFaultException()
    {
    }

    public AgentFaultException(string message)
        : base(message)
    {
    }

    public AgentFaultException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
