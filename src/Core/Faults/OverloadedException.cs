namespace Forge.Core.Faults;

/// <summary>A bounded queue is full: nothing was taken; ask again later.</summary>
public sealed class OverloadedException : ForgeException
{
    public OverloadedException() => IsTransient = true;

    public OverloadedException(string message)
        : base(message)
        => IsTransient = true;

    public OverloadedException(string message, Exception? innerException)
        : base(message, innerException)
        => IsTransient = true;
}
