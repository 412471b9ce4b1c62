using Forge.Cli.Bench;
using Forge.Cli.Machine;
using Forge.Trainer.Bench;

namespace Forge.Cli.Tests.Bench;

public sealed class TreeBenchColumnsTests
{
    private static readonly TreeBenchRow Row = new()
    {
        Tree = "agent-80",
        Shape = "1 × (prompt 4096, 80 turns of 512 + 512)",
        TokensUnique = 100,
        TokensCompletion = 3000,
        TokensEpisode = 200,
        Nodes = 4,
        IdealVsCompletion = 25,
        IdealVsEpisode = 1.75,
        TokenRatioVsCompletion = 30,
        TokenRatioVsEpisode = 2,
        StepSeconds = 0.5,
        StepSecondsCompletion = 10,
        StepSecondsEpisode = 0.75,
        TimedFractionCompletion = 0.125,
        TimedFractionEpisode = 1,
        AttentionTflops = 450,
        PeakMemoryMb = 60_000.4,
        PeakMemoryCompletionMb = 90_000,
        PeakMemoryEpisodeMb = 70_000,
    };

    [Fact]
    public void All_gives_machines_every_figure_under_its_published_name()
    {
        var json = BenchReport.ToJson("tree", MachineDescription.Here(), [TreeBenchColumns.All(Row)])["rows"]![0]!;

        Assert.Equal("agent-80", json["tree"]!.GetValue<string>());
        Assert.Equal((100, 3000, 200), (Long("tokens_unique"), Long("tokens_completion"), Long("tokens_episode")));
        Assert.Equal((25, 20), (Number("ideal_vs_completion"), Number("speedup_vs_completion")));
        Assert.Equal((1.75, 1.5), (Number("ideal_vs_episode"), Number("speedup_vs_episode")));
        Assert.Equal((450, 60_000), (Number("attention_tflops"), Number("peak_memory_mb")));
        Assert.Equal((0.125, 1, 25), (Number("timed_fraction_completion"), Number("timed_fraction_episode"), Number("tokens_per_node")));

        long Long(string key) => json[key]!.GetValue<long>();
        double Number(string key) => json[key]!.GetValue<double>();
    }

    [Fact]
    public void Sizes_and_speeds_share_between_them_what_a_person_compares()
    {
        var json = BenchReport.ToJson("tree", MachineDescription.Here(), [TreeBenchColumns.Sizes(Row), TreeBenchColumns.Speeds(Row)])["rows"]!;

        Assert.Equal("1 × (prompt 4096, 80 turns of 512 + 512)", json[0]!["shape"]!.GetValue<string>());
        Assert.Equal("13%", json[1]!["none_timed"]!.GetValue<string>());
        Assert.Equal(20, json[1]!["none_measured"]!.GetValue<double>());
    }
}
