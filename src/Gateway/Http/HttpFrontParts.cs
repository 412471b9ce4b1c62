using Forge.Hosting.Keys;
using Forge.Hosting.Services;
using Microsoft.Extensions.Logging;

namespace Forge.Gateway.Http;

/// <summary>What the gateway's door for agents is made from.</summary>
public sealed record HttpFrontParts
{
    public required ChatGateway Gateway { get; init; }

    public required GatewayHttpOptions Options { get; init; }

    /// <summary>The APIs that it speaks.</summary>
    public IReadOnlyList<ApiView> Views { get; init; } = ApiView.All;

    /// <summary>The run; keys of other runs are refused.</summary>
    public required string Run { get; init; }

    /// <summary>What relative socket paths start from.</summary>
    public required string RunDirectory { get; init; }

    public required KeyRing Keys { get; init; }

    public SecurityOptions Security { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes the door's own log; null for none.</summary>
    public ILoggerProvider? Logs { get; init; }
}
