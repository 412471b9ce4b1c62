namespace Forge.DataPool.Postgres.Migrations;

/// <summary>One step from a schema to the next: entry n of the list brings schema n to n + 1.</summary>
/// <param name="Sql">Runs with the run's schema as search path, in one transaction with all others that are due.</param>
internal sealed record PostgresMigration(string Sql);
