using System.Diagnostics;
using System.Threading.Channels;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.DataPool.Postgres;

/// <summary>
/// Applies writes in the order of their calls, as many per transaction as have queued up while the last one was flushed to the disk. A
/// caller is answered when its write is committed and flushed (synchronous_commit is the server's default, on).
/// </summary>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private const int MostPerCommit = 1024;

    // Completions of one round trip; keeps a transaction's memory bounded when they are long.
    private const int MostTokensPerCommit = 8 << 20;

    // A commit costs more processor time, here and in the server, than a hundred writes in it. So while several write at a time, the next commit
    // waits as long as more keep coming, within bounds; one who writes alone waits for nothing.
    private const int Many = 16;
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(25);

    private readonly Channel<PostgresWrite> _queue = Channel.CreateUnbounded<PostgresWrite>(new UnboundedChannelOptions { SingleReader = false });
    private readonly PostgresSession _session;
    private readonly PostgresRun _run;
    private readonly Task _loop;

    public PostgresWriter(PostgresSession session, PostgresRun run)
    {
        (_session, _run) = (session, run);
        _loop = Task.Run(RunAsync);
    }

    public async Task<Receipt> AddAsync(Completion completion) => (Receipt)(await EnqueueAsync(new PostgresWrite(completion)))!;

    public async Task<Receipt> AddAsync(EpisodeResult result) => (Receipt)(await EnqueueAsync(new PostgresWrite(result)))!;

    /// <summary>Does not wait; a fault is that of the awaited write in the same commit.</summary>
    public void Log(LoggedEvent logged) => _ = EnqueueAsync(new PostgresWrite(logged));

    /// <param name="apply">Runs inside a transaction; may run again when the connection is lost or another write of the same commit fails.</param>
    public async Task<T> WriteAsync<T>(Func<PostgresStatements, Task<T>> apply)
        => (T)(await EnqueueAsync(new PostgresWrite(async statements => await apply(statements))))!;

    public Task WriteAsync(Func<PostgresStatements, Task> apply)
        => EnqueueAsync(new PostgresWrite(async statements =>
        {
            await apply(statements);
            return null;
        }));

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        await _session.DisposeAsync();
    }

    private Task<object?> EnqueueAsync(PostgresWrite write)
    {
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(write), this);
        return write.Done;
    }

    private async Task RunAsync()
    {
        var several = false;
        while (await _queue.Reader.WaitToReadAsync())
        {
            await WaitForMoreAsync(several);
            var batch = Gather();
            several = batch.Count > 1;
            await CommitAsync(batch);
        }
    }

    private async Task WaitForMoreAsync(bool several)
    {
        // The real clock: it paces a disk, whatever time a run is played in.
        var started = Stopwatch.GetTimestamp();
        for (var seen = 0; several && _queue.Reader.Count is var count && count > seen && count < Many && Stopwatch.GetElapsedTime(started) < Patience; seen = count)
        {
            await Task.Delay(Gap);
        }
    }

    // What comes after an episode's result starts the next commit: a statement for all completions stands before one for all results.
    private List<PostgresWrite> Gather()
    {
        var batch = new List<PostgresWrite>();
        var ended = new HashSet<EpisodeId>();
        var tokens = 0L;
        while (batch.Count < MostPerCommit && tokens < MostTokensPerCommit && _queue.Reader.TryPeek(out var next) && !ended.Contains(next.Episode))
        {
            _queue.Reader.TryRead(out _);
            batch.Add(next);
            tokens += next.Completion is { } completion ? completion.PromptIds.Length + completion.ResponseIds.Length : 0;
            if (next.Result is { } result)
            {
                ended.Add(result.Episode);
            }
        }

        return batch;
    }

    // One write's fault must not fail its neighbours: after a fault each half gets a transaction of its own, down to the culprit.
    private async Task CommitAsync(List<PostgresWrite> batch)
    {
        try
        {
            if (batch.TrueForAll(write => write.IsFrequent))
            {
                await CommitFrequentAsync(batch);
                return;
            }

            await _session.CommitAsync(statements => ApplyAsync(statements, batch));
            batch.ForEach(write => write.Succeed());
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (batch.Count > 1 && fault is not InfrastructureFaultException)
            {
                await CommitAsync(batch[..(batch.Count / 2)]);
                await CommitAsync(batch[(batch.Count / 2)..]);
                return;
            }

            var translated = PostgresFaults.Translate(fault, _run);
            batch.ForEach(write => write.Fail(translated));
        }
    }

    // By far the most commits take one round trip. What did not take effect has changed nothing, so each of those is explained by itself.
    private async Task CommitFrequentAsync(List<PostgresWrite> batch)
    {
        HashSet<PostgresWrite> done = [];
        var isKnown = await _session.CommitAtOnceAsync(async command => done = await PostgresFrequent.SendAsync(command, batch));
        foreach (var write in batch)
        {
            if (done.Contains(write) || write.Event is not null)
            {
                write.Answer(Receipt.Kept);
                write.Succeed();
            }
            else
            {
                await ExplainAsync(write, isKnown);
            }
        }
    }

    private async Task ExplainAsync(PostgresWrite write, bool isKnown)
    {
        try
        {
            var receipt = await _session.AskAsync(statements => PostgresFrequent.ExplainAsync(statements, write));

            // With the results of the commit lost, what is there may have come with it.
            write.Answer(receipt == Receipt.Duplicate && !isKnown ? Receipt.Kept : receipt);
            write.Succeed();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            write.Fail(PostgresFaults.Translate(fault, _run));
        }
    }

    private static async Task ApplyAsync(PostgresStatements statements, List<PostgresWrite> batch)
    {
        for (var start = 0; start < batch.Count;)
        {
            var end = start;
            while (end < batch.Count && batch[end].IsFrequent)
            {
                end++;
            }

            if (end == start)
            {
                await batch[start++].ApplyAsync(statements);
                continue;
            }

            var run = batch[start..end];
            var done = await PostgresFrequent.SendAsync(statements.Batch(), run);
            foreach (var write in run)
            {
                write.Answer(done.Contains(write) ? Receipt.Kept : await PostgresFrequent.ExplainAsync(statements, write));
            }

            start = end;
        }
    }
}
