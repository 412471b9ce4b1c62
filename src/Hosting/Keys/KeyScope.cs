namespace Forge.Hosting.Keys;

/// <summary>What a key may touch: everything, one run, or one episode of a run.</summary>
public sealed record KeyScope
{
    private KeyScope(KeyLevel level, string? run, string? episode) => (Level, Run, Episode) = (level, run, episode);

    public static KeyScope Admin { get; } = new(KeyLevel.Admin, null, null);

    public KeyLevel Level { get; }

    /// <summary>The run; null for an admin key.</summary>
    public string? Run { get; }

    /// <summary>The episode; null for wider keys.</summary>
    public string? Episode { get; }

    public static KeyScope OfRun(string run)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        return new KeyScope(KeyLevel.Run, run, null);
    }

    public static KeyScope OfEpisode(string run, string episode)
    {
        ArgumentException.ThrowIfNullOrEmpty(run);
        ArgumentException.ThrowIfNullOrEmpty(episode);
        return new KeyScope(KeyLevel.Episode, run, episode);
    }

    /// <summary>True when everything that <paramref name="other"/> may touch, this may touch too.</summary>
    public bool Covers(KeyScope other)
        => (Run is null || Run == other.Run) && (Episode is null || Episode == other.Episode);

    /// <summary>What both may touch; null when that is nothing.</summary>
    public KeyScope? Intersect(KeyScope other) => Covers(other) ? other : other.Covers(this) ? this : null;

    public override string ToString() => Level switch
    {
        KeyLevel.Admin => "admin",
        KeyLevel.Run => $"run {Run}",
        _ => $"episode {Episode} of run {Run}",
    };
}
