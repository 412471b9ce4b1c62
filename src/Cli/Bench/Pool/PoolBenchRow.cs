namespace Forge.Cli.Bench.Pool;

/// <summary>One measured row of <c>forge bench pool</c>.</summary>
/// <param name="Store">What keeps the pool; <c>pgbench</c> is raw inserts of the same rows, one per transaction.</param>
/// <param name="Pool">Where the pool runs: <c>in process</c> with its writers, or as a <c>service</c> of its own; null for pgbench.</param>
/// <param name="Writers">Calls in flight at once.</param>
/// <param name="CompletionsPerS">Acknowledged per second, each flushed to the disk before.</param>
/// <param name="P50Ms">Median time until a completion is acknowledged; null where it is not measured.</param>
/// <param name="P99Ms">99 % are acknowledged within this.</param>
/// <param name="GroupsPerS">Finished groups taken and acknowledged per second, in batches.</param>
internal sealed record PoolBenchRow(
    string Store, string? Pool, int Writers, double CompletionsPerS, double? P50Ms, double? P99Ms, double? GroupsPerS);
