using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Serving;

/// <summary>Plays an evaluation once however often its report is asked for; keeps the newest one until another is asked for.</summary>
internal sealed class EvaluationDesk(IPolicyEvaluator evaluator, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _playing = new(1);
    private string? _id;
    private Task<EvaluationReport>? _report;
    private CancellationTokenSource _wanted = new();

    /// <summary>Waits up to <paramref name="wait"/> for the report; null when it is not ready.</summary>
    public async Task<EvaluationReport?> AskAsync(string id, PolicyVersion version, TimeSpan wait, CancellationToken cancellationToken)
    {
        var report = Find(id, version);
        try
        {
            return await report.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException) when (!report.IsFaulted)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _wanted.Cancel();
        _wanted.Dispose();
        _playing.Dispose();
    }

    private Task<EvaluationReport> Find(string id, PolicyVersion version)
    {
        lock (_lock)
        {
            if (_id == id && _report is { IsFaulted: false, IsCanceled: false } current)
            {
                return current;
            }

            // Whoever asked for the one before is gone: there is one trainer.
            _wanted.Cancel();
            _wanted.Dispose();
            _wanted = new CancellationTokenSource();
            _id = id;
            return _report = PlayAsync(version, _wanted.Token);
        }
    }

    // Evaluations share episode ids, so that they never overlap.
    private async Task<EvaluationReport> PlayAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        await _playing.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => evaluator.EvaluateAsync(version, cancellationToken), cancellationToken);
        }
        finally
        {
            _playing.Release();
        }
    }
}
