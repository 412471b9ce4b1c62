using Forge.TestKit;

[assembly: AssemblyFixture(typeof(PostgresServer))]
