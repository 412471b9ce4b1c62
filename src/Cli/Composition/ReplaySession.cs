using Forge.AgentSide;
using Forge.Cli.Display;
using Forge.DataPool.Replay;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Runs;
using Forge.Learning.Model;
using Forge.Trainer;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;

namespace Forge.Cli.Composition;

/// <summary>The trainer's half of the ring alone: trains from the groups that an earlier run recorded, in the order in which it trained on them.</summary>
/// <remarks>
/// <code>
///   pool of the earlier run ──▶ RecordedRun ──▶ TrainLoop ──▶ checkpoints, metrics        no agents
///                                                   └──────▶ RolloutEngine ──▶ Evaluator    only when evaluations were asked for
/// </code>
/// </remarks>
internal sealed class ReplaySession : IDisposable
{
    private readonly RunFile _run;
    private readonly RunDirectory _directory;
    private readonly ITrainingDisplay _display;
    private readonly TimeProvider _time;
    private readonly PolicyFolder _policy;
    private readonly RecordedRun _recorded;
    private readonly SamplingRing? _evaluation;
    private readonly MiniMaxM2ForCausalLM _model;
    private readonly PolicyOptimizer _optimizer;
    private readonly TrainingRecord _record;

    /// <param name="parts">What is replayed, and with which policy.</param>
    /// <param name="directory">Where the new run goes.</param>
    /// <param name="display">Shows it.</param>
    /// <param name="time">The clock.</param>
    public ReplaySession(ReplayParts parts, RunDirectory directory, ITrainingDisplay display, TimeProvider time)
    {
        (_run, _policy, _recorded) = (parts.Run, parts.Policy, parts.Recorded);
        (_directory, _display, _time) = (directory, display, time);
        CheckpointSpace.Require(_run, directory, _policy);
        var options = _run.Section<ModelOptions>();
        _evaluation = parts.Request.Evaluates ? new SamplingRing(_run, _policy, time) : null;
        _model = _policy.LoadModel(options.Device, options.Dtype);
        _optimizer = new PolicyOptimizer(_model, Trainer);
        _record = new TrainingRecord(directory, Facts(), time, parts.Request.Switches);
    }

    private TrainerOptions Trainer => _run.Section<TrainerOptions>();

    public Task<TrainingSummary> RunAsync(bool resume, CancellationToken stopping)
        => new LoopRunner(_run, _directory, _record, _display, _time).RunAsync(
            resume,
            (checkpoints, metrics) => new TrainLoopParts
            {
                Model = _model,
                Optimizer = _optimizer,
                Source = _recorded,
                GroupsPerBatch = 1,
                RecordedGroups = [.. _recorded.Steps.Select(step => step.Length)],
                Policy = _evaluation?.Engine,
                Evaluator = _evaluation is null ? null : new ObservedEvaluator(_evaluation.Evaluator, _display, _record.Evaluated),
                Checkpoints = checkpoints,
                Metrics = metrics,
                TokenizerPath = _policy.TokenizerPath,
            },
            loop => Task.Run(() => loop.RunAsync(resume, stopping), CancellationToken.None));

    public void Dispose()
    {
        _evaluation?.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
    }

    private TrainingFacts Facts()
    {
        var run = _run.Section<RunOptions>();
        return new TrainingFacts(
            run.Name, _directory.Path, _run.Section<AgentSideOptions>().Environment.Name, _policy.Summary, _run.Section<ModelOptions>().Device, run.Seed,
            FirstStep: 0, Math.Min(Trainer.Steps, _recorded.Steps.Length), Trainer.TimeLimit);
    }
}
