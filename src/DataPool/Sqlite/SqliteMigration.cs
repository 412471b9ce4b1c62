using Microsoft.Data.Sqlite;

namespace Forge.DataPool.Sqlite;

/// <summary>One step from a schema to the next, run in one transaction.</summary>
/// <param name="Sql">What the tables become.</param>
/// <param name="Convert">Rewrites rows afterwards, where SQL can't.</param>
internal sealed record SqliteMigration(string Sql, Action<SqliteConnection, SqliteTransaction>? Convert = null);
