using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Telemetry;

/// <summary>Formats one category's entries for <see cref="JsonLinesLoggerProvider"/>.</summary>
internal sealed class JsonLinesLogger(JsonLinesLoggerProvider provider, string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("time", provider.Time.GetUtcNow());
            json.WriteString("level", logLevel.ToString().ToLowerInvariant());
            json.WriteString("category", category);
            json.WriteNumber("event_id", eventId.Id);
            json.WriteString("event", eventId.Name);
            json.WriteString("message", formatter(state, exception));
            WriteValues(json, state as IReadOnlyList<KeyValuePair<string, object?>>);
            if (exception is not null)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        provider.Append(line.GetBuffer().AsSpan(0, (int)line.Length));
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>>? values)
    {
        json.WriteStartObject("values");
        foreach (var (name, value) in values ?? [])
        {
            if (name != "{OriginalFormat}")
            {
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }

        json.WriteEndObject();
    }
}
