namespace Forge.Cli.Display;

/// <summary>Says in words what a run came to: what was learned, where the files are, what to do next.</summary>
internal static class TrainingReport
{
    public static IEnumerable<string> Lines(TrainingSummary summary)
    {
        yield return summary.Finished
            ? $"Finished {summary.Facts.Name}: {summary.Steps} steps, {Wording.Figure(summary.Episodes)} episodes, "
                + $"{Wording.Figure(summary.TrainedTokens)} trained tokens in {Wording.Duration(summary.Elapsed)}."
            : $"Stopped {summary.Facts.Name} after step {summary.Steps}; everything up to it is kept.";
        if (summary.After is { } after)
        {
            var before = ReferenceEquals(summary.Before, after) ? null : summary.Before;
            yield return $"Held-out success on {summary.Facts.Environment}, {(before is null ? "so far" : "before -> after")}:";
            foreach (var line in EvaluationTable.Lines(before, after))
            {
                yield return $"  {line}";
            }
        }

        yield return $"Files: {summary.Facts.Directory} (summary.json, metrics.jsonl, tensorboard/, log.jsonl, run.yaml)";
        if (summary.Checkpoint is { } checkpoint)
        {
            yield return $"Policy: {checkpoint}";
            yield return $"Talk to it: ./forge chat --checkpoint {checkpoint}";
        }

        if (!summary.Finished)
        {
            yield return $"Go on: {summary.ResumeCommand}";
        }
    }
}
