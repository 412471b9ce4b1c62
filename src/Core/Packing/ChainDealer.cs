using Forge.Core.Packing.Trees;

namespace Forge.Core.Packing;

/// <summary>Deals the samples of a forest into batches, chain by chain, in the order in which their paths stand in the forest.</summary>
/// <remarks>
/// Counted in forwards of a row, training a row costs 3 (forward 1, backward 2), and 4 in a batch that is cut: its chunks are forwarded
/// once for their keys and values and once more for their gradients. When a chain no longer fits, either
/// <list type="bullet">
/// <item>the batch ends, and the next one computes the rows again that the chain shares with this one: 3 · path;</item>
/// <item>or the batch goes on and is cut: what was one pass is forwarded once more: its rows.</item>
/// </list>
/// The cheaper happens. In a batch that is cut already a chain goes on when 3 · path is at least the rows that it adds, which there are
/// forwarded twice. A chain that is over the budget by itself is cut wherever it stands. Attention isn't counted.
/// </remarks>
internal sealed class ChainDealer(PrefixForest forest, IReadOnlyList<TrainingSample> samples, int tokenBudget)
{
    private const long TrainingCost = 3;

    // Rows of the open batch, and rows met in the chain at hand, carry their number.
    private readonly int[] _batchOfRow = new int[forest.RowCount];
    private readonly int[] _chainOfRow = new int[forest.RowCount];
    private readonly List<int> _chains = SampleChains.Starts(samples);

    /// <summary>Indices of the samples of each batch, ascending.</summary>
    public List<int[]> Deal()
    {
        var batches = new List<int[]>();
        var open = new List<int>();
        var (number, rows) = (1, 0L);
        foreach (var chain in InPreorder())
        {
            var (path, added) = Measure(chain, number);
            var again = rows > tokenBudget ? added : rows + added > tokenBudget ? rows : 0;
            if (TrainingCost * path < again)
            {
                batches.Add(Close(open));
                (number, rows) = (number + 1, 0);
                added += path;
            }

            Join(chain, number, open);
            rows += added;
        }

        batches.Add(Close(open));
        return batches;
    }

    // A chain stands where its longest sample does: there it has most to share with its neighbours.
    private IEnumerable<int> InPreorder()
    {
        var keys = new (int Row, int Chain)[_chains.Count - 1];
        for (var chain = 0; chain < keys.Length; chain++)
        {
            var longest = _chains[chain];
            for (var sample = longest + 1; sample < _chains[chain + 1]; sample++)
            {
                longest = samples[sample].ForwardTokens > samples[longest].ForwardTokens ? sample : longest;
            }

            keys[chain] = (forest.EndRows[longest], chain);
        }

        Array.Sort(keys);
        return keys.Select(key => key.Chain);
    }

    private (long Path, long Added) Measure(int chain, int batch)
    {
        var (path, added) = (0L, 0L);
        for (var sample = _chains[chain]; sample < _chains[chain + 1]; sample++)
        {
            for (var row = forest.EndRows[sample]; row >= 0 && _chainOfRow[row] != chain + 1; row = forest.Parents[row])
            {
                _chainOfRow[row] = chain + 1;
                if (_batchOfRow[row] == batch)
                {
                    path++;
                }
                else
                {
                    added++;
                }
            }
        }

        return (path, added);
    }

    private void Join(int chain, int batch, List<int> open)
    {
        for (var sample = _chains[chain]; sample < _chains[chain + 1]; sample++)
        {
            open.Add(sample);
            for (var row = forest.EndRows[sample]; row >= 0 && _batchOfRow[row] != batch; row = forest.Parents[row])
            {
                _batchOfRow[row] = batch;
            }
        }
    }

    private static int[] Close(List<int> open)
    {
        int[] batch = [.. open.Order()];
        open.Clear();
        return batch;
    }
}
