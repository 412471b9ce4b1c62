using System.Collections.Concurrent;
using Forge.Core.Ring;
using Forge.Rollout.Decoding;

namespace Forge.Rollout.Generation;

/// <summary>Runs the batch on a thread of its own.</summary>
/// <remarks>
/// <code>
///   callers ──▶ arrivals ──▶ waiting ──admit──▶ running ──retire──▶ completion
///                                                │  ▲
///   commands (swap weights, end a session)       ▼  │ one token per sequence, a share of the prompts
///   run between two steps                     decode step
/// </code>
/// Requests join and leave between any two steps. Everything below is touched by this thread only, but the queues and the figures.
/// </remarks>
internal sealed class GenerationLoop : IDisposable
{
    private readonly IDecoder _decoder;
    private readonly RolloutOptions _options;
    private readonly TimeProvider _time;
    private readonly SlotTable _slots;
    private readonly Admissions _admissions;
    private readonly DecodeBatch _batch;
    private readonly ConcurrentQueue<GenerationTicket> _arrivals = new();
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly List<GenerationTicket> _waiting = [];
    private readonly List<GenerationSequence> _running = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly Action _dequeued;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private PolicyVersion? _version;
    private volatile bool _stopping;

    /// <param name="decoder">Used by this loop's thread only, but for loading weights.</param>
    /// <param name="options">The engine's sizes.</param>
    /// <param name="time">The clock of the timings.</param>
    /// <param name="dequeued">Called when an arrival leaves the queue.</param>
    public GenerationLoop(IDecoder decoder, RolloutOptions options, TimeProvider time, Action dequeued)
    {
        _decoder = decoder;
        _options = options;
        _time = time;
        _dequeued = dequeued;
        _slots = new SlotTable(options.Slots, options.SharedPrefixes, options.MaxContext);
        _admissions = new Admissions(_slots, decoder, options);
        _batch = new DecodeBatch(decoder.Config, decoder.MaxRows, options.RecordRouting);
        _thread = new Thread(Run) { IsBackground = true, Name = "forge-rollout" };
    }

    public RolloutFigures Figures { get; } = new();

    /// <summary>Ends when the loop does: with a fault if it broke. Nothing handed in later is served.</summary>
    public Task Stopped => _stopped.Task;

    public void Start() => _thread.Start();

    /// <summary>Hands in a request; the caller has made room in the queue.</summary>
    public void Enqueue(GenerationTicket ticket)
    {
        _arrivals.Enqueue(ticket);
        _wake.Set();
        if (Stopped.IsCompleted)
        {
            FailArrivals();
        }
    }

    /// <summary>Runs an action on the loop's thread between two steps.</summary>
    public void Post(Action command)
    {
        _commands.Enqueue(command);
        _wake.Set();
    }

    /// <summary>Lets an idle loop notice a cancellation.</summary>
    public void Wake() => _wake.Set();

    /// <summary>On the loop's thread: puts the loaded weights in use.</summary>
    public void Swap(PolicyVersion version)
    {
        _decoder.Swap();
        if (version <= _version)
        {
            _slots.Discard();
        }

        _version = version;
        Volatile.Write(ref Figures.Version, version.Value);

        // A shared prefix is of one version or useless.
        foreach (var sequence in _running.Where(sequence => sequence.Ticket is null))
        {
            sequence.Slot.Truncate(0);
        }
    }

    /// <summary>On the loop's thread: frees what is kept for a session.</summary>
    public void EndSession(EpisodeId session) => _slots.Forget(session);

    /// <summary>Stops after the current step; requests still in it fail.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                RunOnce();
            }

            _stopped.SetResult();
        }
        catch (Exception exception)
        {
            _stopped.SetException(exception);
        }

        FailAll();
    }

    private void RunOnce()
    {
        var start = _time.GetTimestamp();
        while (_commands.TryDequeue(out var command))
        {
            command();
        }

        DropCancelled();
        Admit();
        if (_running.Count == 0)
        {
            UpdateFigures();
            _wake.WaitOne();
            Figures.IdleTicks += _time.GetElapsedTime(start).Ticks;
            return;
        }

        Step();
        UpdateFigures();
        Figures.BusyTicks += _time.GetElapsedTime(start).Ticks;
    }

    private void DropCancelled()
    {
        foreach (var ticket in _waiting.Where(ticket => ticket.IsCancelled))
        {
            Figures.Cancelled++;
            _dequeued();
        }

        _waiting.RemoveAll(ticket => ticket.IsCancelled);
        foreach (var sequence in _running.Where(sequence => sequence.Ticket is { IsCancelled: true }))
        {
            Figures.Cancelled++;
            Retire(sequence);
        }

        _running.RemoveAll(sequence => sequence.Retired);
    }

    private void Admit()
    {
        while (_arrivals.TryDequeue(out var arrival))
        {
            _waiting.Add(arrival);
        }

        if (_version is not { } version || _waiting.Count == 0)
        {
            return;
        }

        var placed = 0;
        for (var i = 0; i < _waiting.Count && _slots.AnyIdle; i++)
        {
            var ticket = _waiting[i];
            if (ticket.Awaited is { } awaited && !awaited.Sequence.Retired && awaited.Sequence.Slot.Count < awaited.Length)
            {
                continue;
            }

            ticket.Awaited = null;
            if (_admissions.TryPlace(ticket, version, _running) is { } sequence)
            {
                _running.Add(sequence);
                _waiting[i] = null!;
                placed++;
                Figures.PromptTokens += sequence.Prompt.Length;
                Figures.CacheHitTokens += sequence.Slot.Count;
                _dequeued();
            }
        }

        if (placed > 0)
        {
            _waiting.RemoveAll(ticket => ticket is null);
        }
    }

    private void Step()
    {
        var version = _version!.Value;
        var budget = _options.PrefillBudget;
        var now = _time.GetTimestamp();
        _batch.Clear();
        foreach (var sequence in _running)
        {
            budget -= sequence.AddRows(_batch, budget, version);
            sequence.Begin(now);
        }

        _decoder.Step(_batch);
        now = _time.GetTimestamp();
        Figures.Steps++;
        Figures.PrefillTokens += _options.PrefillBudget - budget;
        Figures.GeneratedTokens += _batch.Outputs;
        foreach (var sequence in _running)
        {
            Take(sequence, version, now);
        }

        _running.RemoveAll(sequence => sequence.Retired);
    }

    private void Take(GenerationSequence sequence, PolicyVersion version, long now)
    {
        if (sequence.Ticket is null)
        {
            if (sequence.Unfilled == 0)
            {
                Retire(sequence);
            }

            return;
        }

        if (sequence.Output < 0)
        {
            return;
        }

        var experts = _options.RecordRouting ? _batch.ExpertsOf(sequence.Output) : [];
        var reason = sequence.Accept(_batch.Samples[sequence.Output], experts, version, now, _options.MaxContext);
        if (reason != FinishReason.Unspecified)
        {
            Figures.Completed++;
            sequence.Ticket.Complete(sequence.ToCompletion(reason, now, _time));
            Retire(sequence);
        }
    }

    // The slot keeps its KV: for the session's next turn, or for whoever shares a prefix with it.
    private void Retire(GenerationSequence sequence)
    {
        sequence.Retired = true;
        sequence.Slot.Busy = false;
        _slots.Touch(sequence.Slot);
    }

    private void UpdateFigures()
    {
        Figures.Running = _running.Count;
        Figures.Waiting = _waiting.Count + _arrivals.Count;
        Figures.IdleSessions = _slots.IdleSessions;
        Figures.Evictions = _slots.Evictions;
    }

    private void FailAll()
    {
        var running = _running.Where(sequence => sequence.Ticket is not null).Select(sequence => sequence.Ticket!);
        GenerationTicket[] lost = [.. _waiting, .. running];
        _waiting.Clear();
        _running.Clear();
        foreach (var ticket in lost)
        {
            Fail(ticket);
        }

        FailArrivals();
    }

    // Other threads may run it too, once the loop has ended.
    private void FailArrivals()
    {
        while (_arrivals.TryDequeue(out var arrival))
        {
            Fail(arrival);
        }
    }

    private void Fail(GenerationTicket ticket)
    {
        Exception reason = Stopped.Exception?.InnerException is { } fault
            ? new InvalidOperationException($"The rollout engine broke: {fault.Message}", fault)
            : new ObjectDisposedException(nameof(RolloutEngine), "The rollout engine was shut down.");
        ticket.Fail(reason);
    }
}
