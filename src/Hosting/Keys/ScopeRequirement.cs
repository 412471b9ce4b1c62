using Microsoft.AspNetCore.Authorization;

namespace Forge.Hosting.Keys;

/// <summary>Asks for a key that reaches at least as far as a level.</summary>
internal sealed record ScopeRequirement(KeyLevel Level) : IAuthorizationRequirement;
