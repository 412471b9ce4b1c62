using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Telemetry;

/// <summary>Appends every log entry to <c>log.jsonl</c> as one JSON object a line: time, level, event, category, message, its values.</summary>
public sealed class JsonLinesLoggerProvider : ILoggerProvider
{
    private readonly FileStream _file;
    private readonly Lock _lock = new();

    /// <param name="path">The file; appended to, because a resumed run goes on with the same log.</param>
    /// <param name="time">Stamps each entry.</param>
    public JsonLinesLoggerProvider(string path, TimeProvider time)
    {
        Time = time;
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
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

    internal void Append(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            if (_file.CanWrite)
            {
                _file.Write(line);
                _file.Flush();
            }
        }
    }
}
