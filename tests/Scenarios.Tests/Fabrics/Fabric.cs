namespace Forge.Scenarios.Tests.Fabrics;

/// <summary>How the parts of a ring reach each other.</summary>
public enum Fabric
{
    /// <summary>Each calls the other's own class.</summary>
    InProcess,

    /// <summary>Each service has a host of its own on a socket file, and the wire clients stand behind the ports.</summary>
    OverTheWire,
}
