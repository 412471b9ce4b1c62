namespace Forge.DataPool.Tests.Archive;

public sealed class SqliteArchiveTests() : PoolArchiveConformance(new SqliteLedger());
