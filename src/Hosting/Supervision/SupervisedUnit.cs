namespace Forge.Hosting.Supervision;

/// <summary>One process with the supervisor's memory of it: when it is started again, and whether there is any sense in it.</summary>
internal sealed class SupervisedUnit(ISupervised process, TimeSpan hangAfter, TimeProvider time)
{
    // Deaths in a row, none of which lived for StableAfter.
    private const int MostDeaths = 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(30);

    private readonly HangWatch _watch = new(process, hangAfter, time);
    private int _deaths;
    private int _restarts;
    private string? _lastEnd;
    private bool _isKilled;
    private DateTimeOffset _since;
    private ProcessState _state = ProcessState.Ended;

    public ISupervised Process => process;

    public bool IsRunning => _state == ProcessState.Running;

    public bool HasDied => IsRunning && process.ProcessId is null;

    /// <summary>It runs and has not answered for so long that it won't.</summary>
    public bool Hangs => IsRunning && !_isKilled && _watch.Hangs();

    /// <summary>How long it has not answered.</summary>
    public TimeSpan Silence => _watch.Silence;

    /// <summary>When it is started again.</summary>
    public DateTimeOffset Due { get; private set; }

    public bool IsDue => _state == ProcessState.Restarting && time.GetUtcNow() >= Due;

    /// <summary>It died so often in a row that another start is of no use.</summary>
    public bool IsHopeless => _deaths >= MostDeaths;

    public ProcessStatus Status => new(process.Name, _state, process.ProcessId, _since, _restarts, _lastEnd);

    public string LastEnd => _lastEnd ?? "";

    public void Started(bool again)
    {
        _restarts += again ? 1 : 0;
        _isKilled = false;
        _watch.Begin();
        Enter(ProcessState.Running);
    }

    /// <summary>Plans the next start.</summary>
    public void Died(string how)
    {
        how = _isKilled ? "hung and was killed" : how;
        _deaths = IsRunning && time.GetUtcNow() - _since >= StableAfter ? 1 : _deaths + 1;
        _lastEnd = how;
        var pause = FirstPause * Math.Pow(2, Math.Min(_deaths - 1, 10));
        Enter(ProcessState.Restarting);
        Due = _since + (pause < LongestPause ? pause : LongestPause);
    }

    /// <summary>Ends a process that hangs; it is seen dead, and started again, like one that died by itself.</summary>
    public void Kill()
    {
        _isKilled = true;
        process.Kill();
    }

    public void Ended(string how)
    {
        _lastEnd = how;
        Enter(ProcessState.Ended);
    }

    private void Enter(ProcessState state) => (_state, _since) = (state, time.GetUtcNow());
}
