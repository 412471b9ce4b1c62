using System.Collections.Immutable;
using System.Diagnostics;

namespace Forge.Core.Tracing;

/// <summary>The spans of one optimizer step: its own, and one in the trace of every episode that it trains on.</summary>
public readonly struct StepTrace(Activity? step, ImmutableArray<Activity?> episodes) : IDisposable
{
    public void Dispose()
    {
        foreach (var episode in episodes.IsDefault ? [] : episodes)
        {
            episode?.Dispose();
        }

        step?.Dispose();
    }
}
