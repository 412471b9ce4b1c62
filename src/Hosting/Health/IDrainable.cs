namespace Forge.Hosting.Health;

/// <summary>Has work that must end in good order. Registered as a singleton; asked in the reverse order of registration.</summary>
public interface IDrainable
{
    string Name { get; }

    /// <summary>Takes nothing new, finishes or hands back what is under way, and flushes it; when the token is cancelled, the time is over.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
