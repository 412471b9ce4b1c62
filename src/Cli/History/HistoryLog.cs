using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Forge.DataPool.Checking;

namespace Forge.Cli.History;

/// <summary>
/// Appends what one service was told and acknowledged to a file of its own, a JSON object a line. An answer reaches its caller only after its
/// line is on the disk, so that whatever anybody was told is in the history, however the process ends. Safe for concurrent use.
/// </summary>
internal sealed class HistoryLog : IAsyncDisposable
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly Channel<(HistoryLine Line, TaskCompletionSource Written)> _queue = Channel.CreateUnbounded<(HistoryLine, TaskCompletionSource)>();
    private readonly Task _writing;

    /// <param name="path">The file; what processes before this one wrote stays.</param>
    /// <param name="time">Stamps the lines.</param>
    public HistoryLog(string path, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _time = time;
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        EndTornLine();
        _writing = WriteAsync();
    }

    /// <summary>Ends when the line is on the disk; lines keep the order in which this is called.</summary>
    public Task AppendAsync(HistoryLine line)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.Writer.TryWrite((line with { Time = _time.GetUtcNow() }, written))
            ? written.Task
            : throw new ObjectDisposedException(nameof(HistoryLog));
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
        await _file.DisposeAsync();
    }

    // A process that was killed may have left half a line.
    private void EndTornLine()
    {
        if (_file.Length > 0)
        {
            _file.Seek(-1, SeekOrigin.End);
            if (_file.ReadByte() != '\n')
            {
                _file.WriteByte((byte)'\n');
            }
        }

        _file.Seek(0, SeekOrigin.End);
    }

    // All that has queued up is flushed together.
    private async Task WriteAsync()
    {
        var written = new List<TaskCompletionSource>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            using var bytes = new MemoryStream();
            while (_queue.Reader.TryRead(out var next))
            {
                JsonSerializer.Serialize(bytes, next.Line, Json);
                bytes.WriteByte((byte)'\n');
                written.Add(next.Written);
            }

            _file.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            _file.Flush(flushToDisk: true);
            written.ForEach(waiting => waiting.SetResult());
            written.Clear();
        }
    }
}
