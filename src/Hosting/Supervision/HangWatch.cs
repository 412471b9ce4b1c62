namespace Forge.Hosting.Supervision;

/// <summary>Asks one process for its health again and again, and says when it has not answered for too long. Used by one thread.</summary>
/// <param name="process">Who is asked.</param>
/// <param name="limit">How long it may be silent; zero asks nothing.</param>
/// <param name="time">The clock.</param>
internal sealed class HangWatch(ISupervised process, TimeSpan limit, TimeProvider time)
{
    // A supervisor that stood still itself (a machine that slept) sees one question unanswered, not several.
    private const int LeastMisses = 3;
    private const int Questions = 6;

    // Loading a model takes longer than answering.
    private const int StartFactor = 5;
    private static readonly TimeSpan LongestRhythm = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _rhythm = limit / Questions < LongestRhythm ? limit / Questions : LongestRhythm;
    private Task<bool>? _question;
    private DateTimeOffset _due;
    private DateTimeOffset _answered;
    private bool _hasAnswered;
    private int _misses;

    /// <summary>Since the last answer, or since the start.</summary>
    public TimeSpan Silence => time.GetUtcNow() - _answered;

    /// <summary>Its process was just started, or found running.</summary>
    public void Begin() => (_question, _due, _answered, _hasAnswered, _misses) = (null, time.GetUtcNow(), time.GetUtcNow(), false, 0);

    /// <summary>Looks at the last answer, and asks again when it is time to.</summary>
    public bool Hangs()
    {
        if (limit == TimeSpan.Zero)
        {
            return false;
        }

        if (_question is { IsCompleted: true } ended)
        {
            _question = null;
            Note(ended.Result);
        }

        if (_question is null && time.GetUtcNow() >= _due)
        {
            _due = time.GetUtcNow() + _rhythm;
            _question = AskAsync();
        }

        return _misses >= LeastMisses && Silence >= (_hasAnswered ? limit : limit * StartFactor);
    }

    private void Note(bool answered)
    {
        if (answered)
        {
            (_answered, _hasAnswered, _misses) = (time.GetUtcNow(), true, 0);
        }
        else
        {
            _misses++;
        }
    }

    private async Task<bool> AskAsync()
    {
        using var patience = new CancellationTokenSource(_rhythm, time);
        try
        {
            return await process.AnswersAsync(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
