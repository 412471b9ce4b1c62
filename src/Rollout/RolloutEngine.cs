using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Rollout.Decoding;
using Forge.Rollout.Generation;

namespace Forge.Rollout;

/// <summary>
/// Answers generation requests by continuous batching, and takes new weights between two decode steps. Thread-safe; requests wait
/// until the first weights are published.
/// </summary>
public sealed class RolloutEngine : IGenerator, IPolicySink, IDisposable
{
    private readonly IDecoder _decoder;
    private readonly RolloutOptions _options;
    private readonly TimeProvider _time;
    private readonly GenerationLoop _loop;
    private readonly SemaphoreSlim _room;
    private readonly SemaphoreSlim _publishing = new(1);
    private PolicyVersion? _published;
    private bool _disposed;

    /// <param name="decoder">Has slots for sessions and shared prefixes, and rows for both; the engine owns and disposes it.</param>
    /// <param name="options">The engine's sizes.</param>
    /// <param name="time">The clock of the completions' timings.</param>
    public RolloutEngine(IDecoder decoder, RolloutOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(decoder.Slots, options.Slots + options.SharedPrefixes);
        ArgumentOutOfRangeException.ThrowIfLessThan(decoder.MaxRows, options.Slots + options.PrefillBudget);
        ArgumentOutOfRangeException.ThrowIfLessThan(decoder.MaxContext, options.MaxContext);
        _decoder = decoder;
        _options = options;
        _time = time;
        _room = new SemaphoreSlim(options.QueueCapacity);
        _loop = new GenerationLoop(decoder, options, time, () => _room.Release());
        _loop.Start();
    }

    /// <summary>The figures right now.</summary>
    public RolloutStatus Status => _loop.Figures.Snapshot();

    public async Task<Completion> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        RequestRules.Check(request, _decoder.Config.VocabSize, _options.MaxContext);
        if (request.Patience is not { } patience)
        {
            return await AnswerAsync(request, cancellationToken);
        }

        var hadWeights = _published is not null;
        using var over = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await AnswerAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Unanswered(request, patience, hadWeights);
        }
    }

    public void EndSession(EpisodeId session) => _loop.Post(() => _loop.EndSession(session));

    /// <exception cref="ArgumentException">
    /// A weight is missing, unknown or misshaped, or the version is not newer than the last and does not say that it goes back.
    /// </exception>
    public async Task PublishAsync(PolicyWeights weights, CancellationToken cancellationToken)
    {
        await _publishing.WaitAsync(cancellationToken);
        try
        {
            ThrowIfStopped();
            if (_published is { } last && weights.Version <= last && !weights.GoesBack)
            {
                throw new ArgumentException($"Policy version {weights.Version} is not newer than the published {last}.", nameof(weights));
            }

            await Task.Run(() => _decoder.Load(weights), cancellationToken);
            var swapped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop.Post(() =>
            {
                _loop.Swap(weights.Version);
                swapped.SetResult();
            });
            await await Task.WhenAny(swapped.Task, _loop.Stopped);
            ThrowIfStopped();
            _published = weights.Version;
        }
        finally
        {
            _publishing.Release();
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _loop.Dispose();
        _decoder.Dispose();
        _room.Dispose();
        _publishing.Dispose();
    }

    private async Task<Completion> AnswerAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        ThrowIfStopped();
        var ticket = new GenerationTicket(request, _time.GetTimestamp(), cancellationToken);
        using var registration = cancellationToken.UnsafeRegister(_ => Abandon(ticket), null);
        _loop.Enqueue(ticket);
        return await ticket.Completion;
    }

    private static Exception Unanswered(GenerationRequest request, TimeSpan patience, bool hadWeights) => hadWeights
        ? new TimeoutException($"Request {request.Id} was not done in the {patience} that its caller had left.")
        : new InfrastructureFaultException(
            $"The engine had no weights when request {request.Id} came, and did not do it in {patience}: the trainer publishes them when it starts. "
            + "See whether it runs ('forge ps').");

    private void Abandon(GenerationTicket ticket)
    {
        ticket.Cancel();
        _loop.Wake();
    }

    private void ThrowIfStopped()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_loop.Stopped.Exception?.InnerException is { } fault)
        {
            throw new InvalidOperationException($"The rollout engine broke: {fault.Message}", fault);
        }
    }
}
