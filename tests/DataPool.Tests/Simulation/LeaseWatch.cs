using Forge.Core.Ring;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>Holds the pool to its word that a worker which renews keeps its places: for half a lease at least, whatever was restarted or forgotten meanwhile.</summary>
internal sealed class LeaseWatch(SimulatedWorld world, TimeSpan lease)
{
    private readonly Dictionary<string, (long Token, EpisodeId Attempt)> _holders = [];
    private readonly Dictionary<long, TimeSpan> _renewed = [];

    public List<string> Findings { get; } = [];

    /// <summary>A worker was told that it has these leases, having asked at that time.</summary>
    public void Renewed(IEnumerable<long> tokens, TimeSpan askedAt)
    {
        foreach (var token in tokens)
        {
            _renewed[token] = askedAt;
        }
    }

    /// <summary>Its worker says itself that this attempt is over.</summary>
    public void Ended(EpisodeId attempt) => _holders.Remove(Place(attempt));

    /// <summary>A ticket has reached a worker.</summary>
    public void Given(GroupTicket ticket)
    {
        foreach (var attempt in ticket.Episodes)
        {
            if (_holders.TryGetValue(Place(attempt), out var earlier) && earlier.Token < ticket.Lease.Token
                && _renewed.TryGetValue(earlier.Token, out var renewed) && world.Time.Now < renewed + (lease / 2))
            {
                Findings.Add($"{attempt} took the place of {earlier.Attempt}, whose lease had been renewed {world.Time.Now - renewed} before");
            }

            _holders[Place(attempt)] = (ticket.Lease.Token, attempt);
        }
    }

    private static string Place(EpisodeId attempt)
        => attempt.Value.LastIndexOf("-a", StringComparison.Ordinal) is var cut && cut > 0 ? attempt.Value[..cut] : attempt.Value;
}
