namespace Forge.Hosting.Health;

/// <summary>Says whether something that the service needs is there. Registered as a singleton; asked by <c>/ready</c>.</summary>
public interface IReadinessCheck
{
    string Name { get; }

    /// <summary>Null when all is well, else why the service can't serve. Bounded by the token.</summary>
    ValueTask<string?> ReasonAsync(CancellationToken cancellationToken);
}
