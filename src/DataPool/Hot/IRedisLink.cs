using Forge.Core.Faults;

namespace Forge.DataPool.Hot;

/// <summary>
/// The few commands that a hot state gives to a Redis server. Every one may fail with an <see cref="InfrastructureFaultException"/>:
/// the server is away. It may have taken effect all the same, or do so later.
/// </summary>
internal interface IRedisLink : IAsyncDisposable
{
    /// <summary>Replaces a key's value, which goes away by itself after its lifetime.</summary>
    Task SetAsync(string key, byte[] value, TimeSpan lifetime);

    /// <summary>A key's value; null when there is none.</summary>
    Task<byte[]?> GetAsync(string key);

    /// <summary>Sends an empty message to those who listen on a channel now.</summary>
    Task PublishAsync(string channel);

    /// <summary>Listens on a channel, again by itself after the server was away.</summary>
    Task SubscribeAsync(string channel, Action onMessage);
}
