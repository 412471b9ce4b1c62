using Forge.DataPool.Tests.Archive;

namespace Forge.DataPool.Tests.Replay;

public sealed class SqliteReplayTests() : RecordedRunConformance(new SqliteLedger());
