using Forge.Learning.Model.Attention.Levels.Planning;

namespace Forge.Learning.Tests.Levels;

/// <summary>The cost of a choice of closing nodes, written from the top down, and the least over all choices.</summary>
internal static class PlanCost
{
    public static double Least(IReadOnlyList<TreeNode> nodes, LevelCosts costs)
    {
        int[] inner = [.. Enumerable.Range(0, nodes.Count).Where(node => !nodes[node].IsLeaf)];
        return Enumerable.Range(0, 1 << inner.Length).Min(choice =>
        {
            var closes = new bool[nodes.Count];
            for (var bit = 0; bit < inner.Length; bit++)
            {
                closes[inner[bit]] = (choice >> bit & 1) != 0;
            }

            return Of(nodes, closes, costs);
        });
    }

    public static double Of(IReadOnlyList<TreeNode> nodes, bool[] closes, LevelCosts costs)
    {
        var (total, queries) = (0.0, nodes[^1].End);
        var carriedFrom = new int[nodes.Count];
        for (var node = 0; node < nodes.Count; node++)
        {
            var one = nodes[node];
            carriedFrom[node] = one.Parent < 0 || closes[one.Parent] ? node : carriedFrom[one.Parent];
            var path = one.PathRows - nodes[carriedFrom[node]].PathRows;
            var isFirst = one.Parent >= 0 && nodes[one.Parent].End == one.Start;
            total += path == 0 ? Math.Min(costs.Causal(one.Rows, false), costs.DenseCausal(one.Rows))
                : isFirst ? costs.Causal(one.Rows, true) + (costs.Rectangle(LevelCosts.Tile, path) * one.Rows / LevelCosts.Tile)
                : costs.Causal(one.Rows, false) + costs.Rectangle(one.Rows, path) + costs.Gather(path + one.Rows);
            if (closes[node])
            {
                var (descendants, keys) = (one.SubtreeEnd - one.End, path + one.Rows);
                var isCopied = one.Start - nodes[carriedFrom[node]].Start != path;
                total += Math.Min(costs.Rectangle(descendants, keys), costs.DenseRectangle(descendants, keys)) + costs.Merge(descendants)
                    + costs.Launches(descendants, queries) + (isCopied ? costs.Gather(keys) : 0);
            }
        }

        return total;
    }
}
