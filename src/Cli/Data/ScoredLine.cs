using System.Collections.Immutable;

namespace Forge.Cli.Data;

/// <summary>One scored episode in a file of <see cref="RewardFiles"/>.</summary>
/// <param name="Group">The dispatch index.</param>
/// <param name="Episode">Its id.</param>
/// <param name="Return">Of the whole episode, discounted.</param>
/// <param name="Rewards">One per completion, weights applied.</param>
internal sealed record ScoredLine(long Group, string Episode, double Return, ImmutableArray<double> Rewards);
