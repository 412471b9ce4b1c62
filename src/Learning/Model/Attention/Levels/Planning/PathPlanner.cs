namespace Forge.Learning.Model.Attention.Levels.Planning;

/// <summary>
/// Chooses for every node of a forest between one rectangle for all descendants and keys that each child carries along with its own, at the
/// least estimated cost.
/// </summary>
/// <remarks>
/// <code>
/// every node closes   a rectangle per node and its descendants: no key is copied, a row's output is merged once per level of depth
/// no node closes      every leaf attends to its whole path at once: nothing is merged, shared keys are copied once per leaf
/// </code>
/// Between them lies the best choice. With f(v, j) the least cost of v's subtree when the j nodes above v are carried:
/// <code>
/// f(v, j) = own(v, j) + min( rectangle(v, j) + sum over children f(c, 0),  sum over children f(c, j + 1) )
/// </code>
/// which one pass from the leaves up solves, in time and memory nodes × most carried nodes.
/// </remarks>
internal sealed class PathPlanner
{
    private const int MostCarried = 32;

    // Bounds memory on forests of very many nodes: 32 MB of costs.
    private const int MostStates = 1 << 22;

    private readonly IReadOnlyList<TreeNode> _nodes;
    private readonly LevelCosts _costs;
    private readonly ClosingRule _rule;
    private readonly int _firstQuery;
    private readonly long _queries;
    private readonly int _width;

    // At [v * width + j]: for children the sums of f(c, j), then whether v closes when j nodes are carried to it.
    private readonly double[] _children;
    private readonly bool[] _closes;

    private PathPlanner(IReadOnlyList<TreeNode> nodes, int firstQuery, LevelCosts costs, ClosingRule rule)
    {
        (_nodes, _firstQuery, _costs, _rule) = (nodes, firstQuery, costs, rule);
        _queries = nodes[^1].End - firstQuery;
        _width = Math.Clamp(MostStates / nodes.Count, 2, MostCarried + 1);
        _children = new double[nodes.Count * _width];
        _closes = new bool[nodes.Count * _width];
    }

    /// <param name="nodes">In preorder.</param>
    /// <param name="firstQuery">Rows before it are keys only.</param>
    /// <param name="costs">What calls, copies and merges take.</param>
    /// <param name="rule">Which nodes may close.</param>
    public static NodeChoice[] Choose(IReadOnlyList<TreeNode> nodes, int firstQuery, LevelCosts costs, ClosingRule rule)
        => new PathPlanner(nodes, firstQuery, costs, rule).Solve();

    private NodeChoice[] Solve()
    {
        for (var node = _nodes.Count - 1; node >= 0; node--)
        {
            SolveNode(node);
        }

        var choices = new NodeChoice[_nodes.Count];
        for (var node = 0; node < choices.Length; node++)
        {
            var parent = _nodes[node].Parent;
            var carried = parent < 0 || choices[parent].Closes ? 0 : choices[parent].Carried + 1;
            choices[node] = new NodeChoice(carried, _closes[(node * _width) + carried]);
        }

        return choices;
    }

    private void SolveNode(int node)
    {
        var (one, parent) = (_nodes[node], _nodes[node].Parent);
        var top = node;
        for (var carried = 0; carried < _width && top >= 0; carried++, top = _nodes[top].Parent)
        {
            var path = one.PathRows - _nodes[top].PathRows;
            var isContiguous = one.Start - _nodes[top].Start == path;
            var cost = Own(one, path);
            if (!one.IsLeaf)
            {
                var closed = Closing(one, path, isContiguous) + _children[node * _width];
                var open = carried + 1 < _width ? _children[(node * _width) + carried + 1] : double.PositiveInfinity;
                var closes = IsClosed(closed, open);
                _closes[(node * _width) + carried] = closes;
                cost += closes ? closed : open;
            }

            if (parent >= 0)
            {
                _children[(parent * _width) + carried] += cost;
            }
        }
    }

    // Where no more nodes can be carried, every rule closes.
    private bool IsClosed(double closed, double open) => _rule switch
    {
        ClosingRule.Always => true,
        ClosingRule.Never => double.IsPositiveInfinity(open),
        _ => closed <= open,
    };

    // A first child goes on where its parent's queries end, so that carrying costs it neither copies nor tiles of its own.
    private double Own(TreeNode node, int path)
    {
        if (node.Start < _firstQuery)
        {
            return 0;
        }

        if (path == 0)
        {
            return Math.Min(_costs.Causal(node.Rows, sharesTiles: false), _costs.DenseCausal(node.Rows));
        }

        var isFirstChild = _nodes[node.Parent].End == node.Start && _nodes[node.Parent].Start >= _firstQuery;
        return isFirstChild
            ? _costs.Causal(node.Rows, sharesTiles: true) + (_costs.Rectangle(LevelCosts.Tile, path) * node.Rows / LevelCosts.Tile)
            : _costs.Causal(node.Rows, sharesTiles: false) + _costs.Rectangle(node.Rows, path) + _costs.Gather(path + node.Rows);
    }

    private double Closing(TreeNode node, int path, bool isContiguous)
    {
        var (queries, keys) = (node.SubtreeEnd - Math.Max(node.End, _firstQuery), path + node.Rows);
        return queries <= 0
            ? 0
            : Math.Min(_costs.Rectangle(queries, keys), _costs.DenseRectangle(queries, keys)) + _costs.Merge(queries)
                + _costs.Launches(queries, _queries) + (isContiguous ? 0 : _costs.Gather(keys));
    }
}
