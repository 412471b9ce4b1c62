using System.Collections.Immutable;
using Forge.AgentSide.Calc;
using Forge.AgentSide.Demonstrations;
using Forge.AgentSide.Records;
using Forge.Core.Chat;
using Forge.Core.Packing;
using Forge.Core.Ring;
using Forge.Core.Text.MiniMax;
using Forge.Core.Text.Tokenization;

namespace Forge.AgentSide.Tests.Demonstrations;

public sealed class ScriptedDemonstratorTests
{
    private static readonly MiniMaxM2ChatFormat Format = new();
    private static readonly RecordsEnvironment Records = new RecordsEnvironment(new RecordsOptions());

    private static readonly Lazy<ByteLevelBpeTokenizer> Tokenizer
        = new(() => ByteLevelBpeTokenizer.Parse(BaseTokenizer.Train(Records, Format, new DemonstrationOptions())));

    [Fact]
    public void Show_gives_the_same_demonstration_for_the_same_index()
    {
        var first = Demonstrator().Show(17);
        var second = Demonstrator().Show(17);

        Assert.Equal(first.Task, second.Task);
        Assert.Equal(first.Ids, second.Ids);
        Assert.NotEqual(first.Ids, Demonstrator().Show(18).Ids);
    }

    [Fact]
    public void Show_makes_each_prompt_of_the_ids_before_it()
    {
        foreach (var demonstration in Demonstrations(100))
        {
            foreach (var (earlier, later) in demonstration.Turns.Zip(demonstration.Turns.Skip(1)))
            {
                ImmutableArray<int> history = [.. earlier.PromptIds, .. earlier.ResponseIds];
                Assert.Equal(history, later.PromptIds[..history.Length]);
            }

            var packed = Assert.Single(new EpisodePacker().Pack([.. demonstration.ToSamples(0)], 100_000));
            Assert.Equal(demonstration.Ids.Length - 1, packed.TokenCount);
            Assert.Equal(demonstration.Trained.Count(trained => trained), packed.ScoredTokenCount);
        }
    }

    [Fact]
    public void Trained_marks_exactly_what_the_assistant_says()
    {
        var end = Tokenizer.Value.TokenId(MiniMaxM2Tokens.End);
        foreach (var demonstration in Demonstrations(50))
        {
            var trained = demonstration.Trained;
            var said = demonstration.Ids.Zip(trained).Where(entry => entry.Second).Select(entry => entry.First).ToArray();

            Assert.Equal(demonstration.Turns.SelectMany(turn => turn.ResponseIds), said);
            Assert.Equal(demonstration.Turns.Length, said.Count(id => id == end));
            Assert.DoesNotContain("<response>", Tokenizer.Value.Decode(said), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ids_decode_to_the_rendering_of_a_solved_episode()
    {
        foreach (var demonstration in Demonstrations(50))
        {
            var text = Tokenizer.Value.Decode(demonstration.Ids.AsSpan());
            var task = (RecordsTask)Records.Sample(demonstration.Task.Split, demonstration.Task.Difficulty, demonstration.Task.Seed);

            Assert.Contains($"]~b]user\n{task.Question}[e~[\n", text, StringComparison.Ordinal);
            Assert.EndsWith($"]~b]ai\n<think>\n{task.Answer}\n</think>\n\n{task.Answer}[e~[", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Responses_parse_into_what_the_solver_said()
    {
        foreach (var demonstration in Demonstrations(50))
        {
            foreach (var turn in demonstration.Turns)
            {
                var parsed = MiniMaxM2OutputParser.Parse(Tokenizer.Value.Decode(turn.ResponseIds.AsSpan()[..^1]), Records.Tools);

                Assert.False(parsed.Malformed);
                Assert.NotEmpty(parsed.Reasoning);
                Assert.Equal(parsed.ToolCalls.IsEmpty, parsed.Content.Length > 0);
            }
        }
    }

    [Fact]
    public void Show_draws_levels_by_weight_from_the_train_split()
    {
        var weights = new DemonstrationOptions { LevelWeights = [0.6, 0.39, 0.005, 0.005] };
        var demonstrator = new ScriptedDemonstrator(Records, Tokenizer.Value, Format, weights);

        var levels = Enumerable.Range(0, 1000).Select(index => demonstrator.Show(index).Task).ToArray();

        Assert.All(levels, task => Assert.Equal(TaskSplit.Train, task.Split));
        Assert.InRange(levels.Count(task => task.Difficulty == 1), 530, 670);
        Assert.InRange(levels.Count(task => task.Difficulty >= 3), 1, 25);
    }

    [Fact]
    public void Demonstrations_show_failures_and_how_they_are_overcome()
    {
        var texts = Demonstrations(100).Select(demonstration => Tokenizer.Value.Decode(demonstration.Ids.AsSpan())).ToArray();

        Assert.InRange(texts.Count(text => text.Contains("<response>error: busy</response>", StringComparison.Ordinal)), 20, 70);
    }

    [Fact]
    public void Tokenizer_gives_names_the_same_token_wherever_they_stand()
    {
        foreach (var name in RecordsNames.People.Concat(RecordsNames.Cities))
        {
            var id = Assert.Single(Tokenizer.Value.Encode(name));

            foreach (var text in new[] { $"city of {name}?", $"<response>{name}</response>", $"\">{name}</parameter>", $"{name}\n", $" {name} " })
            {
                Assert.Contains(id, Tokenizer.Value.Encode(text));
            }
        }
    }

    [Fact]
    public void Episodes_are_short()
    {
        var system = Tokenizer.Value.Encode(Format.Render(
            [new ChatMessage { Role = ChatRole.System, Content = Records.SystemPrompt }], Records.Tools, addGenerationPrompt: false));
        var byLevel = Demonstrations(400).GroupBy(demonstration => demonstration.Task.Difficulty)
            .ToDictionary(level => level.Key, level => level.Average(demonstration => demonstration.Ids.Length));

        Assert.True(system.Count <= 60, $"The system text and tools take {system.Count} tokens.");
        Assert.True(byLevel[4] <= 200, $"A four-hop episode takes {byLevel[4]:f0} tokens.");
        Assert.True(byLevel[1] <= 100, $"A one-hop episode takes {byLevel[1]:f0} tokens.");
    }

    [Fact]
    public void Tokenise_refuses_an_assistant_turn_without_thinking()
        => Assert.Throws<ArgumentException>(() => Demonstrator().Tokenise(
        [
            new ChatMessage { Role = ChatRole.User, Content = "boss of Ann?" },
            new ChatMessage { Role = ChatRole.Assistant, Content = "Bob" },
        ]));

    [Fact]
    public void Calc_episodes_can_be_demonstrated_too()
    {
        var calc = new CalcEnvironment(new CalcOptions());
        var tokenizer = ByteLevelBpeTokenizer.Parse(BaseTokenizer.Train(calc, Format, new DemonstrationOptions { VocabularySize = 512 }));
        var demonstrator = new ScriptedDemonstrator(calc, tokenizer, Format, new DemonstrationOptions());

        var demonstration = Enumerable.Range(0, 20).Select(index => demonstrator.Show(index)).First(shown => shown.Task.Difficulty == 3);

        Assert.Contains("<invoke name=\"calc\">", tokenizer.Decode(demonstration.Ids.AsSpan()), StringComparison.Ordinal);
        Assert.True(demonstration.Turns.Length >= 3);
    }

    private static ScriptedDemonstrator Demonstrator() => new(Records, Tokenizer.Value, Format, new DemonstrationOptions());

    private static IEnumerable<Demonstration> Demonstrations(int count)
        => Enumerable.Range(0, count).Select(index => Demonstrator().Show(index));
}
