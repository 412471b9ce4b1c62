using System.Collections.Immutable;
using Forge.Core.Packing;

namespace Forge.Trainer.Tests.Trees;

/// <summary>Shapes at the edge of what a prefix forest can be.</summary>
internal static class DegenerateForests
{
    public static IEnumerable<string> Names =>
    [
        "one sample", "the same sample twice", "a chain of prefixes", "no shared token", "one-token nodes", "a sample ending inside another",
        "a branch at the last prompt token", "a branch after the last fed token", "responses of one token", "an episode and its rewritten history",
    ];

    public static ImmutableArray<TrainingSample> Create(string name) => name switch
    {
        "one sample" => [Sample(0, [1, 2, 3], [4, 5])],
        "the same sample twice" => [Sample(0, [1, 2, 3], [4, 5]), Sample(1, [1, 2, 3], [4, 5])],
        "a chain of prefixes" => [.. Enumerable.Range(0, 6).Select(turn => Sample(0, [.. Enumerable.Range(0, 1 + (3 * turn))], [20, 21]))],
        "no shared token" => [.. Enumerable.Range(0, 5).Select(first => Sample(first, [first, 9], [8, 7, 6]))],
        "one-token nodes" => [.. Enumerable.Range(0, 16).Select(bits => Sample(bits, [0], [bits & 1, (bits >> 1) & 1, (bits >> 2) & 1, (bits >> 3) & 1]))],
        "a sample ending inside another" => [Sample(0, [1, 2, 3], [4, 5, 6, 7, 8]), Sample(1, [1, 2, 3], [4, 5]), Sample(2, [1], [2])],
        "a branch at the last prompt token" => [Sample(0, [1, 2], [3, 4, 5]), Sample(1, [1, 2], [6, 4, 5]), Sample(2, [1, 7], [3, 4])],
        "a branch after the last fed token" => [Sample(0, [1, 2, 3], [4]), Sample(1, [1, 2, 3], [5]), Sample(2, [1, 2, 3], [6])],
        "responses of one token" => [Sample(0, [1], [2]), Sample(1, [1], [3]), Sample(2, [2], [3]), Sample(3, [1], [2])],
        "an episode and its rewritten history" =>
        [
            Sample(0, [1, 2], [3, 4]), Sample(0, [1, 2, 3, 4, 5], [6, 7]), Sample(0, [1, 2, 9, 5], [6, 8]), Sample(1, [1, 2], [3, 9]),
        ],
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown shape."),
    };

    /// <summary>A prompt with very many responses; leaves are one or two rows.</summary>
    public static ImmutableArray<TrainingSample> Star(int leaves)
        => [.. Enumerable.Range(0, leaves).Select(leaf => Sample(
            leaf, [1, 2, 3, 4], [leaf % TinyPolicy.Vocabulary, leaf / TinyPolicy.Vocabulary % TinyPolicy.Vocabulary, leaf % 5]))];

    private static TrainingSample Sample(int chain, ImmutableArray<int> prompt, ImmutableArray<int> response) => new(chain, prompt, response);
}
