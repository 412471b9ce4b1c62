namespace Forge.Scenarios.Tests.Ring;

[Trait("Tier", "long")]
[Collection(nameof(AloneInTheProcess))]
public sealed class InProcessRingTests(InProcessRingRun run, ITestOutputHelper output) : RingTests(run, output), IClassFixture<InProcessRingRun>;
