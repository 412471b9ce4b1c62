using Forge.Cli.Display;
using Forge.Core.Ports;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Hosting.Telemetry;
using Forge.Trainer;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Loop;
using Microsoft.Extensions.Logging;

namespace Forge.Cli.Composition;

/// <summary>Runs a train loop with everything that a run folder keeps of it: metrics, TensorBoard events, logs, summary and checkpoints.</summary>
/// <param name="run">The resolved run file.</param>
/// <param name="directory">The run's folder.</param>
/// <param name="record">Its summary.</param>
/// <param name="display">Shows it.</param>
/// <param name="time">The clock.</param>
internal sealed class LoopRunner(RunFile run, RunDirectory directory, TrainingRecord record, ITrainingDisplay display, TimeProvider time)
{
    /// <param name="resume">Whether the folder's files are continued.</param>
    /// <param name="parts">Makes the loop's parts from its checkpoints and from where its figures go.</param>
    /// <param name="train">Runs the loop to its end.</param>
    public async Task<TrainingSummary> RunAsync(
        bool resume, Func<CheckpointStore, IMetricsSink, TrainLoopParts> parts, Func<TrainLoop, Task<TrainOutcome>> train)
    {
        var trainer = run.Section<TrainerOptions>();
        var store = new CheckpointStore(directory.Checkpoints, trainer.KeepLast, trainer.KeepBest);
        var firstStep = resume ? CheckpointSteps.Of(store.Latest((_, _) => { })) : 0;
        using var metrics = new MetricsJsonlWriter(directory.Metrics, time, resume ? firstStep : null);
        using var tensorBoard = new TensorBoardEventWriter(directory.TensorBoard, time, firstStep + 1);
        using var logs = LoggerFactory.Create(builder => builder
            .AddProvider(new JsonLinesLoggerProvider(directory.Log, time)).AddProvider(new DisplayLoggerProvider(display)));
        var log = logs.CreateLogger("Forge.Cli");
        RunLog.Started(log, run.Section<RunOptions>().Name, run.Hash, firstStep);
        record.Begin(firstStep);
        display.Begin(record.Facts);

        var loop = new TrainLoop(
            parts(store, new MetricsFanOut(metrics, tensorBoard, display)), trainer, run.Section<AlgorithmOptions>(), time, logs.CreateLogger<TrainLoop>());
        loop.Stepped += record.Stepped;
        var outcome = await train(loop);
        var summary = record.End(outcome);
        RunLog.Ended(log, outcome.Steps, outcome.Ended.ToString());
        display.End(summary);
        return summary;
    }
}
