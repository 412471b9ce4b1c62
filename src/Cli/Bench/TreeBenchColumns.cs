using Forge.Trainer.Bench;

namespace Forge.Cli.Bench;

/// <summary>Chooses and rounds what is shown of a tree's row: everything for machines, two narrow tables for people.</summary>
internal static class TreeBenchColumns
{
    public static object All(TreeBenchRow row) => new
    {
        row.Tree,
        row.Shape,
        row.TokensUnique,
        row.TokensCompletion,
        row.TokensEpisode,
        row.Nodes,
        TokensPerNode = Math.Round(row.TokensPerNode, 1),
        TokenRatioVsCompletion = Math.Round(row.TokenRatioVsCompletion, 3),
        TokenRatioVsEpisode = Math.Round(row.TokenRatioVsEpisode, 3),
        IdealVsCompletion = Math.Round(row.IdealVsCompletion, 3),
        SpeedupVsCompletion = Math.Round(row.SpeedupVsCompletion, 3),
        IdealVsEpisode = Math.Round(row.IdealVsEpisode, 3),
        SpeedupVsEpisode = Math.Round(row.SpeedupVsEpisode, 3),
        AttentionTflops = Math.Round(row.AttentionTflops, 4),
        StepS = Math.Round(row.StepSeconds, 4),
        StepCompletionS = Math.Round(row.StepSecondsCompletion, 4),
        StepEpisodeS = Math.Round(row.StepSecondsEpisode, 4),
        TimedFractionCompletion = Math.Round(row.TimedFractionCompletion, 3),
        TimedFractionEpisode = Math.Round(row.TimedFractionEpisode, 3),
        PeakMemoryMb = Math.Round(row.PeakMemoryMb),
        PeakMemoryCompletionMb = Math.Round(row.PeakMemoryCompletionMb),
        PeakMemoryEpisodeMb = Math.Round(row.PeakMemoryEpisodeMb),
    };

    public static object Sizes(TreeBenchRow row) => new
    {
        row.Tree,
        row.Shape,
        TokensNone = row.TokensCompletion,
        row.TokensEpisode,
        TokensTree = row.TokensUnique,
        row.Nodes,
        MbNone = Math.Round(row.PeakMemoryCompletionMb),
        MbEpisode = Math.Round(row.PeakMemoryEpisodeMb),
        MbTree = Math.Round(row.PeakMemoryMb),
    };

    public static object Speeds(TreeBenchRow row) => new
    {
        row.Tree,
        NoneTokens = Math.Round(row.TokenRatioVsCompletion, 2),
        NoneIdeal = Math.Round(row.IdealVsCompletion, 2),
        NoneMeasured = Math.Round(row.SpeedupVsCompletion, 2),
        NoneTimed = FormattableString.Invariant($"{row.TimedFractionCompletion:0%}"),
        EpisodeTokens = Math.Round(row.TokenRatioVsEpisode, 2),
        EpisodeIdeal = Math.Round(row.IdealVsEpisode, 2),
        EpisodeMeasured = Math.Round(row.SpeedupVsEpisode, 2),
        EpisodeTimed = FormattableString.Invariant($"{row.TimedFractionEpisode:0%}"),
        StepS = Math.Round(row.StepSeconds, 3),
        AttentionTflops = Math.Round(row.AttentionTflops, 2),
    };
}
