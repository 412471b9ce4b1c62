using Forge.Hosting.Injection;
using Forge.Hosting.Services;
using Grpc.Core;

namespace Forge.Hosting.Calls;

/// <summary>What a channel to a service is made from.</summary>
public sealed record ServiceChannelParts
{
    public required ServiceAddress Address { get; init; }

    public SecurityOptions Security { get; init; } = new();

    /// <summary>The key that goes with every call; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Faults that this process makes in its own calls.</summary>
    public FaultOptions Faults { get; init; } = new();

    /// <summary>What may be called twice.</summary>
    public RepeatableMethods Repeatable { get; init; } = new([]);

    /// <summary>Carries calls over the connection in a way of its own; what it makes is disposed with the channel. Null makes each call by itself.</summary>
    public Func<CallInvoker, CallInvoker>? Transport { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Seeds the jitter between attempts.</summary>
    public int Seed { get; init; } = 1;
}
