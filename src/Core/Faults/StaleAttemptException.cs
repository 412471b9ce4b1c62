namespace Forge.Core.Faults;

/// <summary>A write for an attempt that was replaced: whoever holds the newer fencing token has the word, and nothing was stored.</summary>
public sealed class StaleAttemptException : ForgeException
{
    public StaleAttemptException()
    {
    }

    public StaleAttemptException(string message)
        : base(message)
    {
    }

    public StaleAttemptException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
