using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.BlackBox;

/// <summary>The program that plays the episodes, when <c>agent_side.agent</c> is <c>program</c>; docs/harnesses.md has the whole contract.</summary>
public sealed class ProgramOptions
{
    /// <summary>
    /// A known harness (<c>codex</c>, <c>opencode</c>, <c>pi</c>, <c>qwen-code</c>) or the path of a template's JSON file; null takes
    /// <see cref="Command"/> alone.
    /// </summary>
    public string? Template { get; init; }

    /// <summary>The program and its arguments, with placeholders such as <c>${prompt}</c>; takes the place of the template's.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>Environment variables beside those that every program gets, with the same placeholders.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>A folder that holds <c>node_modules</c>: its programs are found before others. Null for none.</summary>
    public string? Packages { get; init; }

    /// <summary>A folder that every working directory starts as a copy of; null for an empty one.</summary>
    public string? Files { get; init; }

    /// <summary>Whose word the outcome is.</summary>
    public RewardSource Reward { get; init; } = RewardSource.Verifier;

    /// <summary>Most calls of the environment's tools in one episode.</summary>
    [Range(1, 100_000)]
    public int MaxToolCalls { get; init; } = 256;

    /// <summary>What is kept of each of stdout and stderr, half from its begin and half from its end.</summary>
    [Range(1024, 1L << 30)]
    public long MaxOutputBytes { get; init; } = 256 * 1024;

    /// <summary>What is kept of a working directory; the largest files go first.</summary>
    [Range(0, 1L << 40)]
    public long MaxKeptBytes { get; init; } = 4L << 20;

    /// <summary>Episodes whose folders are kept; the oldest go first.</summary>
    [Range(1, 1_000_000)]
    public int KeptEpisodes { get; init; } = 256;
}
