using Forge.Core.Text.Splicing;

namespace Forge.Gateway;

/// <summary>Counts for <see cref="GatewayStatistics"/>; safe for concurrent use.</summary>
internal sealed class GatewayCounters
{
    private long _completions;
    private long _spliced;
    private long _encoded;
    private long _forked;
    private long _retokenised;
    private long _branches;
    private long _overflows;
    private long _sideCalls;

    public void CountPrompt(SplicedPrompt prompt)
    {
        Interlocked.Increment(ref _completions);
        Interlocked.Add(ref _spliced, prompt.SplicedTokens);
        Interlocked.Add(ref _encoded, prompt.Ids.Length - prompt.SplicedTokens);
        Interlocked.Add(ref _retokenised, prompt.RetokenisedTokens);
        if (prompt.Branches)
        {
            Interlocked.Increment(ref _branches);
            Interlocked.Add(ref _forked, prompt.Ids.Length - prompt.SplicedTokens);
        }
    }

    public void CountSideCall() => Interlocked.Increment(ref _sideCalls);

    public void CountOverflow() => Interlocked.Increment(ref _overflows);

    public GatewayStatistics Read() => new(
        Interlocked.Read(ref _completions),
        Interlocked.Read(ref _spliced),
        Interlocked.Read(ref _encoded),
        Interlocked.Read(ref _forked),
        Interlocked.Read(ref _retokenised),
        Interlocked.Read(ref _branches),
        Interlocked.Read(ref _overflows),
        Interlocked.Read(ref _sideCalls));
}
