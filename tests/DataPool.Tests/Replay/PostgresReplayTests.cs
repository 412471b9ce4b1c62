using Forge.DataPool.Tests.Archive;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Replay;

[Trait("Tier", "integration")]
public sealed class PostgresReplayTests(PostgresServer server) : RecordedRunConformance(new PostgresLedger(server));
