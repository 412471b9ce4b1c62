namespace Forge.Hosting.Keys;

/// <summary>What a service keeps of a key: never the key itself.</summary>
/// <param name="Hash">SHA-256 of the key's UTF-8 text.</param>
/// <param name="Scope">What it may touch.</param>
/// <param name="Expires">When it ends; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
public sealed record KeyGrant(ReadOnlyMemory<byte> Hash, KeyScope Scope, DateTimeOffset Expires);
