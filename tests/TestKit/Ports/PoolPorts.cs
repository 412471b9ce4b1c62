using Forge.Core.Ports;

namespace Forge.TestKit.Ports;

/// <summary>One data pool, as those see it who use it.</summary>
public sealed record PoolPorts(IEpisodeSink Sink, IGroupDispatcher Dispatcher, IBatchSource Source);
