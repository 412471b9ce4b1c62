using System.Collections.Immutable;

namespace Forge.Gateway.Protocols;

/// <summary>The answer to an <see cref="ApiRequest"/>, for every view.</summary>
public sealed record ApiReply
{
    /// <summary>Without a view's prefix (<c>chatcmpl-</c>, <c>resp_</c>, <c>msg_</c>); letters, digits and dashes.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The model's name as it was asked for.</summary>
    public required string Model { get; init; }

    /// <summary>The newest policy that generated a token of it.</summary>
    public required long PolicyVersion { get; init; }

    /// <summary>One per answer asked for.</summary>
    public required ImmutableArray<ApiChoice> Choices { get; init; }

    public required ApiUsage Usage { get; init; }
}
