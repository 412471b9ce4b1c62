namespace Forge.Core.Faults;

/// <summary>
/// A fault that the user can understand and act on: the message names the thing, the value and the remedy.
/// Programming errors are never one of these.
/// </summary>
public class ForgeException : Exception
{
    public ForgeException()
    {
    }

    public ForgeException(string message)
        : base(message)
    {
    }

    public ForgeException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>True when the same attempt may succeed a moment later.</summary>
    public bool IsTransient { get; init; }
}
