using Forge.AgentSide.Demonstrations;
using Forge.Core.Packing;

namespace Forge.Cli.Composition;

/// <summary>Deals demonstrations out in batches of about one size, each batch prepared while the one before it trains.</summary>
/// <param name="demonstrator">Shows each demonstration once, by its number.</param>
/// <param name="batchTokens">A batch is full when its token rows reach this; its last demonstration is never cut.</param>
internal sealed class DemonstrationBatches(IDemonstrator demonstrator, int batchTokens)
{
    private readonly SortedDictionary<int, long> _shown = [];
    private Task<List<Demonstration>>? _prepared;
    private long _next;

    /// <summary>How many demonstrations of each level were dealt out.</summary>
    public IReadOnlyDictionary<int, long> ShownByLevel => _shown;

    /// <summary>Demonstrations dealt out.</summary>
    public long Shown => _shown.Values.Sum();

    /// <summary>The samples of one optimizer step; those of an episode stand together in turn order.</summary>
    public IReadOnlyList<TrainingSample> Next()
    {
        var batch = (_prepared ?? Task.FromResult(Prepare())).GetAwaiter().GetResult();
        _prepared = Task.Run(Prepare);
        foreach (var demonstration in batch)
        {
            _shown[demonstration.Task.Difficulty] = _shown.GetValueOrDefault(demonstration.Task.Difficulty) + 1;
        }

        return [.. batch.Index().SelectMany(entry => entry.Item.ToSamples(entry.Index))];
    }

    // Only one preparation runs at a time: the next starts after the last was taken.
    private List<Demonstration> Prepare()
    {
        var batch = new List<Demonstration>();
        for (var rows = 0; rows < batchTokens; rows += batch[^1].Ids.Length)
        {
            batch.Add(demonstrator.Show(_next++));
        }

        return batch;
    }
}
