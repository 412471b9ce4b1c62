using System.Collections.Immutable;
using Forge.Core.Ring;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps evaluation reports, which travel as a summary and then one message per episode.</summary>
public static class EvaluationMapping
{
    public static IEnumerable<Wire.EvaluateResponse> ToWire(this EvaluationReport report)
    {
        var summary = new Wire.EvaluationSummary
        {
            Version = report.Version.Value,
            Overall = ToWire(report.Overall),
            MeanTurns = report.MeanTurns,
            Episodes = report.Episodes.Length,
        };
        foreach (var (level, success) in report.ByDifficulty)
        {
            summary.ByDifficulty.Add(level, ToWire(success));
        }

        return report.Episodes.Select(episode => new Wire.EvaluateResponse { Episode = episode.ToWire() })
            .Prepend(new Wire.EvaluateResponse { Summary = summary });
    }

    /// <exception cref="InvalidDataException">The parts are not those of one report, or some are missing.</exception>
    public static EvaluationReport ToCore(this IReadOnlyList<Wire.EvaluateResponse> parts)
    {
        var summary = WireFields.Required(parts[0].Summary, "summary at the start of an evaluation report");
        var episodes = parts.Skip(1).Select(part => WireFields.Required(part.Episode, "episode").ToCore()).ToImmutableArray();
        return episodes.Length == summary.Episodes
            ? new EvaluationReport(
                new PolicyVersion(summary.Version),
                ToCore(summary.Overall),
                summary.ByDifficulty.ToImmutableSortedDictionary(level => level.Key, level => ToCore(level.Value)),
                summary.MeanTurns,
                episodes)
            : throw new InvalidDataException($"The evaluation report announced {summary.Episodes} episodes and brought {episodes.Length}.");
    }

    private static Wire.LevelSuccess ToWire(LevelSuccess level)
        => new() { Success = level.Success, Count = level.Count, Low = level.Low, High = level.High };

    private static LevelSuccess ToCore(Wire.LevelSuccess? wire)
    {
        var level = WireFields.Required(wire, "success of a level");
        return new LevelSuccess(level.Success, level.Count, level.Low, level.High);
    }
}
