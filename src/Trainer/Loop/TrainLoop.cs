using System.Diagnostics;
using Forge.Core.Metrics;
using Forge.Core.Ring;
using Forge.Core.Tracing;
using Forge.Learning.Checkpoints;
using Forge.Trainer.Batches;
using Forge.Trainer.Checkpoints;
using Forge.Trainer.Steps;
using Microsoft.Extensions.Logging;

namespace Forge.Trainer.Loop;

/// <summary>
/// Turns finished groups into the next policy until the steps or the time are used up. Rollout goes on meanwhile: while step k
/// trains, the groups of step k + 1 are generated.
/// </summary>
/// <remarks>
/// <code>
/// take B groups → train → checkpoint → acknowledge → publish → evaluate now and then
///                             │            └ a crash before this offers the groups again: resume acknowledges what the checkpoint names
///                             └ a crash before this loses the step; its groups are offered again
/// </code>
/// One thread of control; what it owns (model, optimizer) is touched by nobody else while it runs.
/// </remarks>
public sealed class TrainLoop
{
    // Enough for a 99.9th percentile over thousands of tokens, few enough to cost a second.
    private const int MismatchEpisodes = 100;

    private readonly TrainLoopParts _parts;
    private readonly TrainerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TrainStep _step;
    private readonly BatchAssembler _assembler;
    private readonly WindowMetrics _window;
    private readonly MismatchProbe _mismatch;

    private TrainerState _state = TrainerState.Start;
    private TimeSpan _elapsedBefore;
    private long _startedAt;
    private string? _checkpoint;

    public TrainLoop(TrainLoopParts parts, TrainerOptions options, AlgorithmOptions algorithm, TimeProvider clock, ILogger<TrainLoop> logger)
    {
        (_parts, _options, _clock, _logger) = (parts, options, clock, logger);
        Scorer = new GroupScorer(algorithm);
        _step = new TrainStep(parts.Model, parts.Optimizer, algorithm, options);
        _assembler = new BatchAssembler(parts.Source, Scorer, parts.GroupsPerBatch, parts.RecordedGroups);
        _window = new WindowMetrics(parts.Source);
        _mismatch = new MismatchProbe(parts.Model, options.MicroBatchTokens, options.Merge);
    }

    /// <summary>Raised after every step, on the loop's thread.</summary>
    public event Action<TrainProgress>? Stepped;

    private GroupScorer Scorer { get; }

    private long Steps => Math.Min(_options.Steps, _parts.RecordedGroups?.Length ?? long.MaxValue);

    /// <summary>Trains until done, or until <paramref name="stopping"/>: then the step under way is finished or given back, and all is kept.</summary>
    /// <param name="resume">Go on from the newest whole checkpoint; false starts from the model as it is.</param>
    /// <param name="stopping">Asks for an orderly end.</param>
    public async Task<TrainOutcome> RunAsync(bool resume, CancellationToken stopping)
    {
        _startedAt = _clock.GetTimestamp();
        await RestoreAsync(resume, stopping);
        await PublishAsync(stopping);
        EvaluationReport? before = null;
        EvaluationReport? after = null;
        var ended = TrainEnd.Finished;
        try
        {
            if (_state.Step == 0)
            {
                var metrics = new Dictionary<string, double>();
                before = await EvaluateAsync(metrics, stopping);
                if (before is not null)
                {
                    Report(metrics, before);
                }

                Save();
            }

            while (_state.Step < Steps)
            {
                stopping.ThrowIfCancellationRequested();
                if (_options.TimeLimit is { } limit && _clock.GetElapsedTime(_startedAt) >= limit)
                {
                    ended = TrainEnd.TimeLimit;
                    break;
                }

                after = await StepAsync(stopping);
            }

            after ??= await EvaluateAndScoreAsync(new Dictionary<string, double>(), stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            ended = TrainEnd.Stopped;
        }

        return new TrainOutcome(
            before, after, _state.Step, _state.Episodes, _state.TrainedTokens, Elapsed, _checkpoint, ended);
    }

    private TimeSpan Elapsed => _elapsedBefore + _clock.GetElapsedTime(_startedAt);

    private async Task<EvaluationReport?> StepAsync(CancellationToken stopping)
    {
        var metrics = new Dictionary<string, double>();
        var watch = Stopwatch.StartNew();
        var version = new PolicyVersion(_state.Version);

        var batch = await _assembler.NextAsync(version, stopping);
        metrics[MetricNames.RolloutWaitTime] = watch.Elapsed.TotalSeconds;

        using var trace = RingTrace.StartStep(_state.Step + 1, version, batch.Groups);

        // From here the step is carried to its end: a stop request waits for it, so that no work is thrown away.
        BatchMetrics.Write(metrics, batch, Scorer, version);
        _window.Write(metrics);
        KernelThreads.Use(_options.Threads);
        Timed(metrics, MetricNames.TrainTime, () => _step.Run(batch, version, metrics));
        if (metrics[MetricNames.GradientNorm] is var norm && !double.IsFinite(norm))
        {
            TrainerLog.GradientNotFinite(_logger, _state.Step + 1, norm);
        }

        _state = _state with
        {
            Step = _state.Step + 1,
            Version = version.Next.Value,
            TrainedGroups = [.. batch.Groups.Select(group => group.Id.Value)],
            Episodes = _state.Episodes + batch.Groups.Sum(group => group.Episodes.Length),
            TrainedTokens = _state.TrainedTokens + batch.Completions.Sum(scored => (long)scored.Completion.ResponseIds.Length),
            Elapsed = Elapsed,
        };
        Timed(metrics, MetricNames.CheckpointTime, Save);
        await _parts.Source.AcknowledgeAsync([.. batch.Groups.Select(group => group.Id)], version.Next, CancellationToken.None);

        var publishing = Stopwatch.StartNew();
        await PublishAsync(CancellationToken.None);
        metrics[MetricNames.PublishTime] = publishing.Elapsed.TotalSeconds;

        EvaluationReport? evaluation = null;
        try
        {
            var due = _options.EvaluateEvery > 0 && _state.Step % _options.EvaluateEvery == 0;
            evaluation = due || _state.Step == Steps ? await EvaluateAndScoreAsync(metrics, stopping) : null;
        }
        finally
        {
            // The step was made, so its figures are kept, also when a stop request ends its evaluation.
            metrics[MetricNames.StepTime] = watch.Elapsed.TotalSeconds;
            Report(metrics, evaluation);
        }

        return evaluation;
    }

    private async Task<EvaluationReport?> EvaluateAndScoreAsync(Dictionary<string, double> metrics, CancellationToken stopping)
    {
        var evaluation = await EvaluateAsync(metrics, stopping);
        if (evaluation is not null)
        {
            _parts.Checkpoints.Score(_state.Step, evaluation.Overall.Success);
        }

        return evaluation;
    }

    private async Task RestoreAsync(bool resume, CancellationToken cancellationToken)
    {
        if (resume && _parts.Checkpoints.Latest((folder, reason) => TrainerLog.CheckpointPassedOver(_logger, folder, reason)) is { } folder)
        {
            _state = TrainerCheckpoint.Read(folder, _parts.Model, _parts.Optimizer.Adam);
            _checkpoint = folder;
            TrainerLog.Resumed(_logger, folder, _state.Step);
            await _parts.Source.AcknowledgeAsync(
                [.. _state.TrainedGroups.Select(group => new GroupId(group))], new PolicyVersion(_state.Version), cancellationToken);
        }

        _elapsedBefore = _state.Elapsed;
        await _parts.Source.RecoverAsync(new PolicyVersion(_state.Version), cancellationToken);
    }

    private Task PublishAsync(CancellationToken cancellationToken)
        => _parts.Policy is { } policy
            ? policy.PublishAsync(PolicyWeightsCodec.ToPolicyWeights(_parts.Model, new PolicyVersion(_state.Version)), cancellationToken)
            : Task.CompletedTask;

    private void Save()
        => _checkpoint = _parts.Checkpoints.Save(
            _state.Step,
            folder => TrainerCheckpoint.Write(folder, _parts.Model, _parts.Optimizer.Adam, _parts.TokenizerPath, _state));

    private async Task<EvaluationReport?> EvaluateAsync(Dictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        if (_parts.Evaluator is not { } evaluator)
        {
            return null;
        }

        var watch = Stopwatch.StartNew();
        var report = await evaluator.EvaluateAsync(new PolicyVersion(_state.Version), cancellationToken);
        metrics["eval/success"] = report.Overall.Success;
        metrics["eval/turns"] = report.MeanTurns;
        foreach (var (level, success) in report.ByDifficulty)
        {
            metrics[$"eval/success_level_{level}"] = success.Success;
        }

        // All of these completions have one version, the one that the model is at now: what differs is arithmetic.
        var stride = Math.Max(1, report.Episodes.Length / MismatchEpisodes);
        _mismatch.Write(metrics, report.Episodes.Where((_, index) => index % stride == 0).SelectMany(episode => episode.Completions));
        metrics[MetricNames.EvaluationTime] = watch.Elapsed.TotalSeconds;
        return report;
    }

    private void Report(Dictionary<string, double> metrics, EvaluationReport? evaluation)
    {
        _parts.Metrics.Write(_state.Step, metrics);
        Stepped?.Invoke(new TrainProgress(
            _state.Step, Steps, _state.Episodes, _state.TrainedTokens, Elapsed, metrics, evaluation));
    }

    private static void Timed(Dictionary<string, double> metrics, string name, Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        metrics[name] = watch.Elapsed.TotalSeconds;
    }
}
