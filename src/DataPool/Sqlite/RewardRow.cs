namespace Forge.DataPool.Sqlite;

/// <summary>Mirrors the table's column names, by which it is filled.</summary>
internal sealed record RewardRow(string episode_id, long turn, double process, double speed, double outcome);
