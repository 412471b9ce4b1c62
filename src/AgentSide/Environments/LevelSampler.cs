using System.Collections.Immutable;

namespace Forge.AgentSide.Environments;

/// <summary>Draws levels by weight.</summary>
public sealed class LevelSampler
{
    private readonly ImmutableArray<int> _levels;
    private readonly ImmutableArray<double> _weights;

    /// <param name="levels">At least one level.</param>
    /// <param name="weights">One per level, at least 0, not all 0; empty weighs all the same.</param>
    /// <exception cref="ArgumentException">The weights don't fit the levels.</exception>
    public LevelSampler(ImmutableArray<int> levels, ImmutableArray<double> weights)
    {
        if (!weights.IsEmpty && weights.Length != levels.Length)
        {
            throw new ArgumentException(
                $"There are {weights.Length} level weights for {levels.Length} levels ({string.Join(", ", levels)}): give one for each, or none.");
        }

        _levels = levels;
        _weights = weights.IsEmpty ? [.. levels.Select(_ => 1.0)] : weights;
        if (_weights.Any(weight => !(weight >= 0)) || _weights.Sum() <= 0)
        {
            throw new ArgumentException($"Level weights [{string.Join(", ", weights)}] must be at least 0 and not all 0.");
        }
    }

    public int Draw(ref SeededRandom random)
    {
        var left = random.NextDouble() * _weights.Sum();
        for (var index = 0; index < _levels.Length; index++)
        {
            left -= _weights[index];
            if (left < 0)
            {
                return _levels[index];
            }
        }

        // Rounding left a last crumb: it belongs to the last level that may be drawn.
        return _levels[_weights.Select((weight, index) => (weight, index)).Last(entry => entry.weight > 0).index];
    }
}
