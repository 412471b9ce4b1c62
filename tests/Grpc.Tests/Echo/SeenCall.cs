using Grpc.Core;

namespace Forge.Grpc.Tests.Echo;

/// <summary>A call as its handler saw it: the context itself is gone when the call has ended.</summary>
internal sealed record SeenCall(
    DateTime Deadline, string Peer, string? PeerIdentity, string? User, Metadata RequestHeaders, ContextPropagationToken Propagation);
