namespace Forge.Hosting.Calls;

/// <summary>A connection ended before the service's settings were here: nothing but the preface was sent on it.</summary>
internal sealed class HandshakeCutException : IOException
{
    public HandshakeCutException()
    {
    }

    public HandshakeCutException(string message)
        : base(message)
    {
    }

    public HandshakeCutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
