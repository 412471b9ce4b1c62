namespace Forge.Hosting.Health;

/// <summary>Someone waits for someone else.</summary>
/// <param name="For">Who is waited for: a service or a thing, such as <c>gateway</c> or <c>group 17</c>.</param>
/// <param name="What">What is expected of it.</param>
/// <param name="Since">Since when.</param>
/// <param name="Remedy">What a person can do when it lasts.</param>
public sealed record Wait(string For, string What, DateTimeOffset Since, string Remedy)
{
    /// <summary>Who waits, when it is another service than the one that tells; the pool sees everybody's waiting.</summary>
    public string? Who { get; init; }
}
