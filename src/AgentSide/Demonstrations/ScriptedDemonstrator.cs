using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Splicing;
using Forge.Core.Text.Tokenization;

namespace Forge.AgentSide.Demonstrations;

/// <summary>
/// Shows train tasks played by the environment's solver: a mixture of levels, seeded. Each turn is tokenised on its own, as prompts and
/// responses are when the policy plays, so that the policy later meets exactly the token sequences that it has learnt.
/// </summary>
public sealed class ScriptedDemonstrator : IDemonstrator
{
    private readonly IEnvironment _environment;
    private readonly ByteLevelBpeTokenizer _tokenizer;
    private readonly MiniMaxM2ChatFormat _format;
    private readonly LevelSampler _levels;
    private readonly ulong _seed;

    /// <exception cref="ArgumentException">The level weights don't fit the environment's levels.</exception>
    public ScriptedDemonstrator(
        IEnvironment environment, ByteLevelBpeTokenizer tokenizer, MiniMaxM2ChatFormat format, DemonstrationOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        _environment = environment;
        _tokenizer = tokenizer;
        _format = format;
        _levels = new LevelSampler(environment.Levels, options.LevelWeights);
        _seed = options.Seed;
    }

    public Demonstration Show(long index)
    {
        var random = new SeededRandom(SeededRandom.Combine(_seed, (ulong)index));
        var level = _levels.Draw(ref random);
        var task = _environment.Sample(TaskSplit.Train, level, random.NextUInt64() >> 1);
        var messages = ScriptedEpisode.Play(_environment, task, random.NextUInt64());
        return new Demonstration(task.Reference, Tokenise(messages));
    }

    /// <summary>Tokenises a conversation turn by turn; each assistant message becomes a turn.</summary>
    /// <exception cref="ArgumentException">
    /// An assistant's message can't follow the format's prompt, which opens its thinking: it has none.
    /// </exception>
    public ImmutableArray<DemonstratedTurn> Tokenise(ImmutableArray<ChatMessage> messages)
    {
        var tape = new TokenTape(_tokenizer, _format);
        var turns = ImmutableArray.CreateBuilder<DemonstratedTurn>();
        for (var index = 0; index < messages.Length; index++)
        {
            if (messages[index].Role != ChatRole.Assistant)
            {
                continue;
            }

            var prompt = tape.Next(messages[..index], _environment.Tools);
            ImmutableArray<int> response = [.. _tokenizer.Encode(ResponseText(messages, index))];
            tape.Append(prompt, response, messages[index]);
            turns.Add(new DemonstratedTurn(prompt.Ids, response));
        }

        return turns.ToImmutable();
    }

    private string ResponseText(ImmutableArray<ChatMessage> messages, int index)
    {
        var before = _format.Render(messages[..index], _environment.Tools);
        var after = _format.Render(messages[..(index + 1)], _environment.Tools, addGenerationPrompt: false);
        return after.StartsWith(before, StringComparison.Ordinal)
            ? after[before.Length..^1]
            : throw new ArgumentException($"Message {index} has no thinking, but the format's prompt opens it.");
    }
}
