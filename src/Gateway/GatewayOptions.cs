using System.ComponentModel.DataAnnotations;

namespace Forge.Gateway;

/// <summary>Settings of the gateway: the <c>gateway</c> section of a run file.</summary>
public sealed class GatewayOptions
{
    /// <summary>Most tokens of a prompt and its response together; at most what the engine and the model take.</summary>
    [Range(2, 10_000_000)]
    public int ContextLength { get; init; } = 1024;

    /// <summary>The door for agents that were not written for Forge.</summary>
    public GatewayHttpOptions Http { get; init; } = new();
}
