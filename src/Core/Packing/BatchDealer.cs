using Forge.Core.Packing.Trees;

namespace Forge.Core.Packing;

/// <summary>Deals the samples of a forest into batches, run by run, in the order in which their paths stand in the forest.</summary>
/// <remarks>
/// Counted in forwards of a row, training a row costs 3 (forward 1, backward 2), and 4 in a batch that is cut: its chunks are forwarded
/// once for their keys and values and once more for their gradients. When a run of samples no longer fits, either
/// <list type="bullet">
/// <item>the batch ends, and the next one computes the rows again that the run shares with this one: 3 · path;</item>
/// <item>or the batch goes on and is cut: what was one pass is forwarded once more: its rows.</item>
/// </list>
/// The cheaper happens. In a batch that is cut already a run goes on when 3 · path is at least the rows that it adds, which there are
/// forwarded twice. A run that is over the budget by itself is cut wherever it stands. Attention isn't counted.
/// </remarks>
/// <param name="forest">The fed tokens of all samples, merged.</param>
/// <param name="runs">Numbers the run that each sample is part of, ascending from 0 without gaps: samples that one batch must hold.</param>
/// <param name="tokenBudget">Most rows of a chunk.</param>
internal sealed class BatchDealer(PrefixForest forest, int[] runs, int tokenBudget)
{
    private const long TrainingCost = 3;

    // Rows of the open batch, and rows met in the run at hand, carry their number.
    private readonly int[] _batchOfRow = new int[forest.RowCount];
    private readonly int[] _runOfRow = new int[forest.RowCount];
    private readonly int[] _starts = Starts(runs);

    /// <summary>Indices of the samples of each batch, ascending.</summary>
    public List<int[]> Deal()
    {
        var batches = new List<int[]>();
        var open = new List<int>();
        var (number, rows) = (1, 0L);
        foreach (var run in InPreorder())
        {
            var (path, added) = Measure(run, number);
            var again = rows > tokenBudget ? added : rows + added > tokenBudget ? rows : 0;
            if (TrainingCost * path < again)
            {
                batches.Add(Close(open));
                (number, rows) = (number + 1, 0);
                added += path;
            }

            Join(run, number, open);
            rows += added;
        }

        batches.Add(Close(open));
        return batches;
    }

    // A run's samples append to each other, so it stands where its last one ends.
    private IEnumerable<int> InPreorder()
        => Enumerable.Range(0, _starts.Length - 1).OrderBy(run => forest.EndRows[_starts[run + 1] - 1]);

    // First sample of each run, then the number of samples.
    private static int[] Starts(int[] runs)
        => [.. Enumerable.Range(0, runs.Length).Where(sample => sample == 0 || runs[sample] != runs[sample - 1]), runs.Length];

    private (long Path, long Added) Measure(int run, int batch)
    {
        var (path, added) = (0L, 0L);
        for (var sample = _starts[run]; sample < _starts[run + 1]; sample++)
        {
            for (var row = forest.EndRows[sample]; row >= 0 && _runOfRow[row] != run + 1; row = forest.Parents[row])
            {
                _runOfRow[row] = run + 1;
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

    private void Join(int run, int batch, List<int> open)
    {
        for (var sample = _starts[run]; sample < _starts[run + 1]; sample++)
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
