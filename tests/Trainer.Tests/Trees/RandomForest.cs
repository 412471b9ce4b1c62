using System.Collections.Immutable;
using Forge.Core.Packing;

namespace Forge.Trainer.Tests.Trees;

/// <summary>Grows random prefix forests and reads samples off their paths, degenerate ones included.</summary>
/// <param name="seed">Makes the forest.</param>
internal sealed class RandomForest(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<TrainingSample> _samples = [];

    /// <summary>Nodes on a path, at most.</summary>
    public int MaxDepth { get; init; } = 6;

    /// <summary>Children of a node, at most.</summary>
    public int MaxFanOut { get; init; } = 5;

    /// <summary>Tokens of a node, at most; at least one.</summary>
    public int MaxNodeTokens { get; init; } = 4;

    /// <summary>Samples, about at most.</summary>
    public int SampleLimit { get; init; } = 14;

    /// <summary>Trees: samples that share nothing, not even their first token.</summary>
    public int Roots { get; init; } = 2;

    /// <summary>The samples of a new forest, in random order of growth; each has a prompt and a response.</summary>
    public ImmutableArray<TrainingSample> Samples()
    {
        _samples.Clear();
        for (var root = 0; root < Roots; root++)
        {
            // Distinct first tokens: the forest branches before its first row.
            Grow([root, .. Tokens(_random.Next(MaxNodeTokens))], 1);
        }

        return [.. _samples];
    }

    private void Grow(ImmutableArray<int> path, int depth)
    {
        // Every tree branches at least once, deeper ones as chance has it.
        var fewest = depth == 1 ? 2 : 0;
        var children = depth >= MaxDepth || _samples.Count >= SampleLimit ? 0 : fewest + _random.Next(MaxFanOut + 1 - fewest);

        // A sample may end inside others (a zero-length leaf), and twice at the same place.
        if (children == 0 || _random.Next(3) == 0)
        {
            Add(path);
            if (_random.Next(5) == 0)
            {
                Add(path);
            }
        }

        for (var child = 0; child < children; child++)
        {
            Grow([.. path, .. Tokens(1 + _random.Next(MaxNodeTokens))], depth + 1);
        }
    }

    private void Add(ImmutableArray<int> path)
    {
        ImmutableArray<int> ids = [.. path, .. Tokens(Math.Max(0, 2 - path.Length))];
        var prompt = 1 + _random.Next(ids.Length - 1);
        _samples.Add(new TrainingSample(_samples.Count, ids[..prompt], ids[prompt..]));
    }

    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(TinyPolicy.Vocabulary))];
}
