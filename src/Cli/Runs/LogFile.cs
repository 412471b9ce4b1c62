using System.Text;
using System.Text.Json;

namespace Forge.Cli.Runs;

/// <summary>Reads a log that grows: JSON lines have a time of their own, other lines that of their file or of the line before.</summary>
internal sealed class LogFile(string process, string path)
{
    private readonly StringBuilder _rest = new();
    private long _position;
    private DateTimeOffset _time = DateTimeOffset.MinValue;

    /// <summary>The whole lines that were added since the last call.</summary>
    public IEnumerable<LogLine> ReadNew()
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        foreach (var line in NewLines())
        {
            yield return Parse(line);
        }
    }

    private List<string> NewLines()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _position = file.Length < _position ? 0 : _position;
        file.Seek(_position, SeekOrigin.Begin);
        using var reader = new StreamReader(file, Encoding.UTF8);
        _rest.Append(reader.ReadToEnd());
        _position = file.Position;
        var lines = _rest.ToString().Split('\n');
        _rest.Clear().Append(lines[^1]);
        return [.. lines[..^1].Where(line => line.Length > 0)];
    }

    private LogLine Parse(string line)
    {
        if (line[0] == '{')
        {
            try
            {
                var entry = JsonDocument.Parse(line).RootElement;
                _time = entry.GetProperty("time").GetDateTimeOffset();
                var exception = entry.TryGetProperty("exception", out var found) ? "\n" + found.GetString() : "";
                return new LogLine(_time, process, $"{entry.GetProperty("level").GetString()}: {entry.GetProperty("message").GetString()}{exception}");
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return new LogLine(_time, process, line);
            }
        }

        _time = _time == DateTimeOffset.MinValue ? File.GetLastWriteTimeUtc(path) : _time;
        return new LogLine(_time, process, line);
    }
}
