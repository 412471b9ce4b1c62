using Forge.Cli.Display;
using Forge.Core.Ring;
using Forge.Hosting.Runs;
using Forge.Trainer.Loop;

namespace Forge.Cli.Composition;

/// <summary>Keeps <c>summary.json</c> up to date: after each evaluation and at the end, so that a killed run has one too.</summary>
/// <param name="directory">The run's folder.</param>
/// <param name="facts">What is known before the first step.</param>
/// <param name="time">The clock.</param>
/// <param name="resumeSwitches">What <c>forge train --resume</c> needs beside the folder.</param>
internal sealed class TrainingRecord(RunDirectory directory, TrainingFacts facts, TimeProvider time, string resumeSwitches = "")
{
    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private EvaluationReport? _before;
    private EvaluationReport? _after;
    private (long Step, long Episodes, long TrainedTokens) _progress;
    private string? _checkpoint;

    public TrainingFacts Facts { get; private set; } = facts;

    /// <summary>A resumed run goes on with what its summary says about the starting policy.</summary>
    public void Begin(long firstStep)
    {
        Facts = Facts with { FirstStep = firstStep };
        _progress.Step = firstStep;
        _before = firstStep > 0 ? SummaryFile.ReadBefore(directory.Summary) : null;
    }

    public void Stepped(TrainProgress progress)
    {
        lock (_lock)
        {
            _progress = (progress.Step, progress.Episodes, progress.TrainedTokens);
        }
    }

    public void Evaluated(EvaluationReport report)
    {
        lock (_lock)
        {
            // Episodes are large, and only the figures are shown.
            var kept = report with { Episodes = [] };
            _before = report.Version == PolicyVersion.Initial ? kept : _before;
            _after = kept;
            Write(finished: false);
        }
    }

    public TrainingSummary End(TrainOutcome outcome)
    {
        lock (_lock)
        {
            _progress = (outcome.Steps, outcome.Episodes, outcome.TrainedTokens);
            _checkpoint = outcome.Checkpoint ?? _checkpoint;
            return Write(outcome.Ended != TrainEnd.Stopped);
        }
    }

    private TrainingSummary Write(bool finished)
    {
        var summary = new TrainingSummary
        {
            Facts = Facts,
            Finished = finished,
            Steps = _progress.Step,
            Episodes = _progress.Episodes,
            TrainedTokens = _progress.TrainedTokens,
            Elapsed = time.GetElapsedTime(_started),
            Before = _before,
            After = _after,
            Checkpoint = _checkpoint,
            ResumeCommand = $"./forge train {(resumeSwitches.Length > 0 ? resumeSwitches + " " : "")}--resume --run-dir {Shown(directory.Path)}",
        };
        RunDirectory.Write(directory.Summary, SummaryJson.Text(summary));
        return summary;
    }

    // Short below the folder in which the user stands, absolute elsewhere.
    private static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
