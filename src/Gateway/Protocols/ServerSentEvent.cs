namespace Forge.Gateway.Protocols;

/// <summary>One event of a stream, without its framing.</summary>
/// <param name="Name">The <c>event:</c> line; null for none.</param>
/// <param name="Data">The <c>data:</c> line: JSON, or <c>[DONE]</c>.</param>
public sealed record ServerSentEvent(string? Name, string Data);
