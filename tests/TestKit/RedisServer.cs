using Forge.Hosting.Local;

namespace Forge.TestKit;

/// <summary>A real Redis of a test assembly. Tests share it: each uses keys of its own, and one that flushes or stops it runs alone.</summary>
public sealed class RedisServer() : TestServer<LocalRedis>(
    folder => new LocalRedis(folder, TimeProvider.System), "kill -KILL $(cat $1/server/redis.pid)");
