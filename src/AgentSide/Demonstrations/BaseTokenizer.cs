using System.Collections.Immutable;
using Forge.AgentSide.Environments;
using Forge.Core.Chat;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Training;

namespace Forge.AgentSide.Demonstrations;

/// <summary>
/// Trains the small vocabulary of a base checkpoint on scripted episodes. Names, digits and question steps ("boss of ") are pieces of
/// their own, so that they are the same tokens wherever they stand; the tags and boilerplate between them merge freely.
/// </summary>
public static class BaseTokenizer
{
    /// <summary>What is cut out before merging: a name, a step of a question, a digit. What lies between is one piece.</summary>
    public const string SplitRegex = "[A-Z][a-z]+|[a-z]+ of |[0-9]";

    private const int CorpusEpisodes = 4000;

    // The system text stands in every episode, a name in few; shown seldom, it takes the merges that names and turns leave over.
    private const int EpisodesPerSystemText = 200;

    /// <summary>Trains for one environment; deterministic.</summary>
    /// <returns>The text of a <c>tokenizer.json</c>.</returns>
    /// <exception cref="ArgumentException">The vocabulary has no room for the bytes and the special tokens.</exception>
    public static string Train(IEnvironment environment, MiniMaxM2ChatFormat format, DemonstrationOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(options);
        var trainer = new BpeTrainer(new BpeTrainerOptions
        {
            VocabularySize = options.VocabularySize,
            SpecialTokens = MiniMaxM2Tokens.All,
            SplitRegex = SplitRegex,
            UseRegex = false,
        });
        return trainer.Train(Corpus(environment, format, options.Seed));
    }

    /// <summary>Scripted episodes of all levels as text; only some show the system text and the tools.</summary>
    public static IEnumerable<string> Corpus(IEnvironment environment, MiniMaxM2ChatFormat format, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(format);
        for (var index = 0; index < CorpusEpisodes; index++)
        {
            var level = environment.Levels[index % environment.Levels.Length];
            var episodeSeed = SeededRandom.Combine(seed, (ulong)index);
            var task = environment.Sample(TaskSplit.Train, level, episodeSeed >> 1);
            var messages = ScriptedEpisode.Play(environment, task, episodeSeed);
            var text = format.Render(messages, environment.Tools, addGenerationPrompt: false);
            yield return index % EpisodesPerSystemText == 0 ? text : text[SystemLength(messages, environment, format)..];
        }
    }

    private static int SystemLength(ImmutableArray<ChatMessage> messages, IEnvironment environment, MiniMaxM2ChatFormat format)
        => format.Render(messages[..1], environment.Tools, addGenerationPrompt: false).Length;
}
