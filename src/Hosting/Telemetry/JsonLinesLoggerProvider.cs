using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Telemetry;

/// <summary>Appends every log entry to <c>log.jsonl</c> as one JSON object a line: time, level, event, category, message, its values.</summary>
public sealed class JsonLinesLoggerProvider : ILoggerProvider
{
    private readonly FileStream _file;
    private readonly Lock _lock = new();
    private long _lost;

    /// <param name="path">The file; appended to, because a resumed run goes on with the same log.</param>
    /// <param name="time">Stamps each entry.</param>
    public JsonLinesLoggerProvider(string path, TimeProvider time)
    {
        Time = time;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    internal TimeProvider Time { get; }

    public ILogger CreateLogger(string categoryName) => new JsonLinesLogger(this, categoryName);

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    /// <summary>Appends a line. A full disk costs lines, never the program that logs; the next line that fits says how many.</summary>
    internal void Append(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            if (_file.CanWrite && !TryWriteNeedsLock(line))
            {
                _lost++;
            }
        }
    }

    private bool TryWriteNeedsLock(ReadOnlySpan<byte> line)
    {
        var end = _file.Length;
        try
        {
            if (_lost > 0)
            {
                _file.Write(LossNeedsLock());
                _lost = 0;
                end = _file.Length;
            }

            _file.Write(line);
            return true;
        }
        catch (IOException)
        {
            CutBackNeedsLock(end);
            return false;
        }
    }

    // Half a line is worse than none.
    private void CutBackNeedsLock(long end)
    {
        try
        {
            _file.SetLength(end);
        }
        catch (IOException)
        {
            // The next line begins in the middle of this one.
        }
    }

    private byte[] LossNeedsLock() => [.. JsonSerializer.SerializeToUtf8Bytes(new
    {
        time = Time.GetUtcNow(),
        level = "warning",
        category = "Forge.Hosting",
        message = $"{_lost} lines before this one could not be written here. Was the disk full?",
    }), (byte)'\n'];
}
