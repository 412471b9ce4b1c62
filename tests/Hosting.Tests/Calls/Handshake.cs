namespace Forge.Hosting.Tests.Calls;

/// <summary>How a connection is cut.</summary>
public enum Handshake
{
    /// <summary>At once.</summary>
    Dropped,

    /// <summary>Everything that comes is read, and nothing said.</summary>
    Silent,

    /// <summary>In the middle of the service's first frame.</summary>
    Torn,

    /// <summary>By something that speaks another protocol.</summary>
    Foreign,

    /// <summary>After the handshake, once a whole request is here.</summary>
    Done,
}
