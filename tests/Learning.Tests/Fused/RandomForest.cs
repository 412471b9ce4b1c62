namespace Forge.Learning.Tests.Fused;

/// <summary>Draws forests in preorder, with deep paths, one-row branches and a tree of one row.</summary>
internal static class RandomForest
{
    /// <param name="random">Draws sizes and branches.</param>
    /// <param name="trees">How many; the first is a single row.</param>
    /// <param name="largest">Upper bound of a tree's rows, exclusive.</param>
    /// <param name="smallest">Lower bound of the rows of every tree but the first.</param>
    /// <returns>First row of each tree and then the number of rows; and for every row one past its last descendant.</returns>
    // Each next row hangs below a random row of the current path, so a key ends where its path is left.
    public static (int[] Starts, int[] Ends) Create(Random random, int trees, int largest, int smallest = 2)
    {
        var (starts, ends) = (new List<int> { 0 }, new List<int>());
        for (var tree = 0; tree < trees; tree++)
        {
            var size = tree == 0 ? 1 : random.Next(smallest, largest);
            var path = new Stack<int>();
            for (var row = starts[^1]; row < starts[^1] + size; row++)
            {
                for (var leave = random.Next(12) == 0 ? random.Next(1, 30) : 0; leave > 0 && path.Count > 1; leave--)
                {
                    ends[path.Pop()] = row;
                }

                path.Push(row);
                ends.Add(starts[^1] + size);
            }

            starts.Add(starts[^1] + size);
        }

        return ([.. starts], [.. ends]);
    }

    /// <summary>The rows that a row sees, itself the last.</summary>
    public static int[] Path(int[] starts, int[] ends, int row)
    {
        var first = starts.Last(start => start <= row);
        return [.. Enumerable.Range(first, row - first + 1).Where(key => ends[key] > row)];
    }
}
