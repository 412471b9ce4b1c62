using Forge.Cli.Composition;
using Forge.DataPool.Stores;
using Forge.Hosting.RunFiles;

namespace Forge.Cli.Bench.Pool;

/// <summary>The run file of a measured pool, in which nothing but the store limits what is in flight and every write is flushed.</summary>
internal static class PoolBenchRun
{
    /// <summary>Writes <c>run.yaml</c> into a folder of its own.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="store">What keeps it.</param>
    /// <param name="postgres">Reaches the server, when that keeps it.</param>
    /// <param name="hasRedis">Whether a Redis of the run's own shows it.</param>
    public static RunFile Write(string folder, PoolStore store, string postgres, bool hasRedis)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, "run.yaml");
        File.WriteAllText(
            path,
            $"""
            run:
              name: bench
            data_pool:
              in_flight: 1000000
              window_ratio: 1
              max_staleness: 1000000
              groups_per_batch: {PoolBench.GroupsPerBatch}
              group_deadline: 1d
              lease_duration: 1h
              flush_every_write: true
              store: {store.ToString().ToLowerInvariant()}
              postgres:
                connection: "{postgres}"
              redis:
                connection: "{(hasRedis ? "local" : "")}"
            services:
              data_pool: unix:data_pool.sock
              rollout: unix:rollout.sock
              gateway: unix:gateway.sock
              agent_side: unix:agent_side.sock
              trainer: unix:trainer.sock
            security:
              token_file: token

            """);
        return RunFile.Load(path, [], ForgeRunSchema.Create(), Environment.GetEnvironmentVariable);
    }
}
