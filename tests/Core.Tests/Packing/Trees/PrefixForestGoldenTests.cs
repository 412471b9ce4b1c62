using System.Text.Json;
using Forge.Core.Packing;
using Forge.Core.Packing.Costs;
using Forge.Core.Packing.Trees;
using Forge.TestKit;

namespace Forge.Core.Tests.Packing.Trees;

/// <summary>The reference merges whole sequences; a sample's forest is the same over its fed tokens.</summary>
public sealed class PrefixForestGoldenTests
{
    private static readonly JsonDocument Reference = JsonDocument.Parse(File.ReadAllText(Golden.Path("prefix_tree/prefix_tree.json")));

    public static TheoryData<string> All() => With("sum_tokens");

    public static TheoryData<string> Listed() => With("nodes");

    public static TheoryData<string> Trained() => With("trainable_tokens_sum");

    [Theory]
    [MemberData(nameof(All))]
    public void Merge_counts_as_the_reference(string id)
    {
        var (sequences, expected) = Find(id);

        var forest = Merge(sequences);

        var naive = sequences.Aggregate(default(PassCosts), (sum, tokens) => sum + PassCosts.OfSequence(tokens.Length, 0));
        var comparison = new CostComparison(new PassCosts(forest.RowCount, forest.AttentionPairs, 0), naive);
        Assert.Equal(Long(expected, "sum_tokens"), naive.Tokens);
        Assert.Equal(Long(expected, "unique_tokens"), forest.RowCount);
        Assert.Equal(Number(expected, "token_ratio"), comparison.TokenRatio, 9);
        Assert.Equal(Number(expected, "ideal_linear_speedup"), comparison.TokenSpeedup, 9);
        Assert.Equal(Long(expected, "naive_attention_pairs"), naive.Pairs);
        Assert.Equal(Long(expected, "tree_attention_pairs"), forest.AttentionPairs);
        Assert.Equal(Number(expected, "ideal_attention_speedup"), comparison.PairSpeedup, 9);
        Assert.Equal(Long(expected, "max_depth_tokens"), forest.Positions.Max() + 1);
        Assert.Equal(Long(expected, "num_nodes"), forest.Nodes().Length);
        Assert.Equal(Long(expected, "max_multiplicity"), forest.Multiplicity.Max());
        Assert.Equal(Long(expected, "sum_of_multiplicities"), forest.Multiplicity.Sum());
        Assert.Equal(Long(expected, "duplicate_samples"), sequences.Length - forest.EndRows.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Listed))]
    public void Merge_lays_rows_out_as_the_reference(string id)
    {
        var (sequences, expected) = Find(id);

        var forest = Merge(sequences);

        Assert.Equal(Ints(expected.GetProperty("flat_tokens")), forest.TokenIds);
        Assert.Equal(Ints(expected.GetProperty("flat_positions")), forest.Positions);
        var branching = forest.Parents.Where(parent => parent >= 0).CountBy(parent => parent).Where(entry => entry.Value > 1).Select(entry => entry.Key);
        Assert.Equal(Ints(expected.GetProperty("positions_with_several_targets")), branching.Order());
        Assert.Equal(Long(expected, "distinct_next_token_pairs"), forest.Parents.Count(parent => parent >= 0));
    }

    [Theory]
    [MemberData(nameof(Listed))]
    public void Nodes_are_those_of_the_reference(string id)
    {
        var (sequences, expected) = Find(id);

        var forest = Merge(sequences);

        var nodes = forest.Nodes();
        var listed = expected.GetProperty("nodes").EnumerateArray().ToArray();
        Assert.Equal(listed.Select(NodeOf), nodes);
        Assert.Equal(
            listed.Select(node => string.Join(',', Ints(node.GetProperty("ends")))),
            nodes.Select(node => string.Join(',', Enumerable.Range(0, sequences.Length).Where(index => forest.EndRows[index] == node.End - 1))));
        Assert.Equal(
            expected.GetProperty("sample_node_paths").EnumerateArray().Select(path => string.Join(',', Ints(path))),
            Enumerable.Range(0, sequences.Length).Select(index => string.Join(',', NodesOf(forest.RowsOf(index), nodes))));
    }

    [Theory]
    [MemberData(nameof(Listed))]
    public void Key_ends_give_the_rectangles_of_the_reference(string id)
    {
        var (sequences, expected) = Find(id);

        var rectangles = Rectangles(Merge(sequences)).ToArray();

        Assert.Equal(expected.GetProperty("mask_rectangles").EnumerateArray().Select(entry => entry.ToString()), rectangles);
        Assert.Equal(Long(expected, "num_full_rectangles"), rectangles.Count(rectangle => rectangle.Contains("full", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Edges_are_the_distinct_next_token_pairs(string id)
    {
        var (sequences, expected) = Find(id);
        var samples = sequences.Where(tokens => tokens.Length > 1).Select((tokens, chain) => new TrainingSample(chain, [tokens[0]], [.. tokens[1..]])).ToArray();

        var batch = Assert.Single(new TreePacker().Pack(samples, int.MaxValue));

        var pairs = sequences.SelectMany(tokens => Enumerable.Range(1, Math.Max(0, tokens.Length - 1)).Select(length => string.Join(',', tokens[..(length + 1)])));
        Assert.Equal(pairs.Distinct().Count(), batch.EdgeRows.Length);
        if (expected.TryGetProperty("distinct_next_token_pairs", out var count))
        {
            Assert.Equal(count.GetInt32(), batch.EdgeRows.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Trained))]
    public void Response_tokens_are_trained_as_often_as_in_the_reference(string id)
    {
        var (sequences, expected) = Find(id);
        var prompts = Ints(Case(id).GetProperty("prompt_lens"));
        var samples = sequences.Select((tokens, chain) => new TrainingSample(chain, [.. tokens[..prompts[chain]]], [.. tokens[prompts[chain]..]])).ToArray();

        var batch = Assert.Single(new TreePacker().Pack(samples, int.MaxValue));

        Assert.Equal(Long(expected, "trainable_tokens_sum"), batch.ScoredTokenCount);
        Assert.Equal(Long(expected, "trainable_tokens_unique"), batch.EdgeRows.Length);
        Assert.Equal(Long(expected, "trainable_tokens_counted_more_than_once"), batch.SampleEdges.CountBy(edge => edge).Count(entry => entry.Value > 1));
    }

    private static PrefixForest Merge(int[][] sequences)
        => PrefixForest.Merge([.. sequences.Select(tokens => new ForestSequence(tokens.AsMemory(0, tokens.Length / 2), tokens.AsMemory(tokens.Length / 2)))]);

    private static IEnumerable<string> Rectangles(PrefixForest forest)
    {
        var nodes = forest.Nodes();
        foreach (var keys in nodes)
        {
            yield return $"[\"causal\",{keys.Start},{keys.End},{keys.Start},{keys.End}]";
            foreach (var queries in nodes.Where(node => node.Start >= keys.End && node.Start < forest.KeyEnd[keys.Start]))
            {
                yield return $"[\"full\",{queries.Start},{queries.End},{keys.Start},{keys.End}]";
            }
        }
    }

    private static IEnumerable<int> NodesOf(int[] rows, IReadOnlyList<ForestNode> nodes)
        => rows.Select(row => nodes.Index().Single(node => row >= node.Item.Start && row < node.Item.End).Index).Distinct();

    private static ForestNode NodeOf(JsonElement node)
    {
        var flat = Ints(node.GetProperty("flat"));
        return new ForestNode(node.GetProperty("parent").GetInt32(), flat[0], flat[1], node.GetProperty("start_pos").GetInt32(), node.GetProperty("num_samples").GetInt32());
    }

    private static TheoryData<string> With(string field)
        => [.. Cases().Where(entry => entry.GetProperty("expected").TryGetProperty(field, out _)).Select(entry => entry.GetProperty("id").GetString()!)];

    private static (int[][] Sequences, JsonElement Expected) Find(string id)
        => ([.. Case(id).GetProperty("sequences").EnumerateArray().Select(Ints)], Case(id).GetProperty("expected"));

    private static JsonElement Case(string id) => Cases().Single(entry => entry.GetProperty("id").GetString() == id);

    private static JsonElement.ArrayEnumerator Cases() => Reference.RootElement.GetProperty("cases").EnumerateArray();

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(entry => entry.GetInt32())];

    private static long Long(JsonElement expected, string field) => expected.GetProperty(field).GetInt64();

    private static double Number(JsonElement expected, string field) => expected.GetProperty(field).GetDouble();
}
