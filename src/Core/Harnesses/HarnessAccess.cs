namespace Forge.Core.Harnesses;

/// <summary>Where a program calls.</summary>
/// <param name="BaseUrl">The episode's own address, such as <c>http://127.0.0.1:7404/e/g0-e3</c>, without <c>/v1</c> and without a slash at the end.</param>
/// <param name="Key">Reaches this episode and no other; as bearer token or <c>x-api-key</c>.</param>
/// <param name="Model">The name by which programs ask for the policy.</param>
public sealed record HarnessAccess(Uri BaseUrl, string Key, string Model);
