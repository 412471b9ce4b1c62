using System.Text;
using System.Text.Json;
using Forge.Core.Ports;

namespace Forge.Hosting.Telemetry;

/// <summary>
/// Appends one JSON object per step to <c>metrics.jsonl</c>: <c>step</c>, <c>time</c> and every figure. A line is handed to the system
/// as soon as it is written, so a killed process loses none; a torn last line is cut at the next start.
/// </summary>
public sealed class MetricsJsonlWriter : IMetricsSink, IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    /// <param name="path">The file; made when missing.</param>
    /// <param name="time">Stamps each line.</param>
    /// <param name="keepThrough">Lines of later steps are cut: their steps were lost with the process and come again. Null starts anew.</param>
    public MetricsJsonlWriter(string path, TimeProvider time, long? keepThrough)
    {
        _time = time;
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _file.SetLength(keepThrough is { } step ? LengthThrough(_file, step) : 0);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("step", step);
            json.WriteString("time", _time.GetUtcNow());
            foreach (var (name, value) in values)
            {
                WriteFigure(json, name, value);
            }

            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        lock (_lock)
        {
            _file.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();

    // JSON has no NaN: the names that System.Text.Json and Python's json accept as text.
    private static void WriteFigure(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static long LengthThrough(FileStream file, long step)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        var kept = 0L;
        for (int start = 0, end; (end = text.IndexOf('\n', start)) >= 0; start = end + 1)
        {
            if (StepOf(text[start..end]) is not { } found || found > step)
            {
                break;
            }

            kept += Encoding.UTF8.GetByteCount(text.AsSpan(start, end - start)) + 1;
        }

        return kept;
    }

    private static long? StepOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("step").GetInt64();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
