using System.Collections.Immutable;
using Forge.Core.Packing;

namespace Forge.Trainer.Bench;

/// <summary>Describes the samples of one optimizer step by a few numbers; token ids are drawn from a seed, so that anyone can rebuild them.</summary>
/// <remarks>
/// Every response of an episode is a sample whose prompt is all before it. A rewrite takes turns back from the history and goes on
/// from there, as a summary or a returning sub-agent does:
/// <code>
/// prompt ── response ── observation ── response ── observation ── response          Turns = 3
///                                └── observation ── response ── observation …       a rewrite with RewriteTurns = 1
/// </code>
/// </remarks>
/// <param name="Name">How results call it.</param>
public sealed record TreeShape(string Name)
{
    /// <summary>Groups of the step; nothing is shared between them.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Episodes of a group; they share its prompt and nothing else.</summary>
    public int Episodes { get; init; } = 1;

    /// <summary>Tokens of the prompt.</summary>
    public required int Prompt { get; init; }

    /// <summary>Completions of an episode.</summary>
    public int Turns { get; init; } = 1;

    /// <summary>Tokens of a response.</summary>
    public required int Response { get; init; }

    /// <summary>Tokens between a response and the next, such as a tool's result.</summary>
    public int Observation { get; init; }

    /// <summary>Turns between two rewrites of the history; 0 never rewrites.</summary>
    public int RewriteEvery { get; init; }

    /// <summary>Turns that a rewrite takes back.</summary>
    public int RewriteTurns { get; init; }

    /// <summary>Tokens of all samples, one sequence each: what training without merging runs through the model.</summary>
    public long CompletionTokens
        => (long)Groups * Episodes * Depths().Sum(depth => Prompt + (long)depth * (Response + Observation) + Response - 1);

    /// <summary>Makes the samples.</summary>
    /// <param name="vocabulary">Ids are drawn below this.</param>
    /// <param name="seed">Equal seeds give equal samples.</param>
    public StepSamples Draw(int vocabulary, int seed)
    {
        var random = new Random(seed);
        var samples = ImmutableArray.CreateBuilder<TrainingSample>();
        var groups = ImmutableArray.CreateBuilder<int>();
        for (var group = 0; group < Groups; group++)
        {
            var prompt = Tokens(random, vocabulary, Prompt);
            for (var episode = 0; episode < Episodes; episode++)
            {
                samples.AddRange(Episode(prompt, (group * Episodes) + episode, vocabulary, random));
                groups.AddRange(Enumerable.Repeat(group, Turns));
            }
        }

        return new StepSamples(Name, samples.ToImmutable(), groups.ToImmutable()) { Description = ToString() };
    }

    public override string ToString()
    {
        var groups = Groups > 1 ? $"{Groups} groups of " : "";
        var turns = Turns > 1 ? $"{Turns} turns of {Response} + {Observation}" : $"a response of {Response}";
        var rewrites = RewriteEvery > 0 ? $", {RewriteTurns} taken back every {RewriteEvery}" : "";
        return $"{groups}{Episodes} × (prompt {Prompt}, {turns}{rewrites})";
    }

    private IEnumerable<TrainingSample> Episode(ImmutableArray<int> prompt, int chain, int vocabulary, Random random)
    {
        var history = prompt;
        foreach (var depth in Depths())
        {
            history = depth == 0
                ? prompt
                : [.. history[..(Prompt + (depth * (Response + Observation)) - Observation)], .. Tokens(random, vocabulary, Observation)];
            var response = Tokens(random, vocabulary, Response);
            yield return new TrainingSample(chain, history, response);
            history = [.. history, .. response];
        }
    }

    // How many turns stand in the history of each turn.
    private IEnumerable<int> Depths()
    {
        var depth = 0;
        for (var turn = 0; turn < Turns; turn++)
        {
            if (RewriteEvery > 0 && turn > 0 && turn % RewriteEvery == 0)
            {
                depth = Math.Max(0, depth - RewriteTurns);
            }

            yield return depth++;
        }
    }

    private static ImmutableArray<int> Tokens(Random random, int vocabulary, int count)
    {
        var ids = ImmutableArray.CreateBuilder<int>(count);
        for (var index = 0; index < count; index++)
        {
            ids.Add(random.Next(vocabulary));
        }

        return ids.MoveToImmutable();
    }
}
