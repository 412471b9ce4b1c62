namespace Forge.Scenarios.Tests.Ring;

[Trait("Tier", "long")]
[Collection(nameof(AloneInTheProcess))]
public sealed class WiredRingTests(WiredRingRun run, ITestOutputHelper output) : RingTests(run, output), IClassFixture<WiredRingRun>;
