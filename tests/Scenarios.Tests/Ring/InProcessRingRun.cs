using Forge.Scenarios.Tests.Fabrics;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>The run in one process.</summary>
public sealed class InProcessRingRun() : RingRun(Fabric.InProcess);
