using Forge.Scenarios.Tests.Fabrics;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>The run with every part a service of its own.</summary>
public sealed class WiredRingRun() : RingRun(Fabric.OverTheWire);
