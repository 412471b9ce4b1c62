using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Forge.Hosting.Metering;

/// <summary>Writes readings in Prometheus' text format 0.0.4.</summary>
/// <remarks><code>
/// # TYPE forge_pool_groups_total counter
/// forge_pool_groups_total{kind="trained"} 12
/// </code></remarks>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly Dictionary<string, string> UnitNames = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["By"] = "bytes",
        ["%"] = "percent",
        ["1"] = "",
    };

    public static string Of(IReadOnlyList<IGrouping<Instrument, MeterSeries>> readings)
    {
        var text = new StringBuilder();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var family in readings)
        {
            var kind = family.First().Kind;
            var name = NameOf(family.Key, kind);
            if (shown.Add(name))
            {
                AppendHead(text, name, kind, family.Key.Description);
            }

            foreach (var series in family)
            {
                Append(text, name, series);
            }
        }

        return text.ToString();
    }

    /// <summary>Tags as <c>name="value",…</c>, sorted by name, so that the same tags are the same series.</summary>
    internal static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return "";
        }

        var pairs = new string[tags.Length];
        for (var i = 0; i < tags.Length; i++)
        {
            pairs[i] = $"{Word(tags[i].Key)}=\"{Escaped(Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "")}\"";
        }

        Array.Sort(pairs, StringComparer.Ordinal);
        return string.Join(',', pairs);
    }

    private static void AppendHead(StringBuilder text, string name, MeterKind kind, string? description)
    {
        if (!string.IsNullOrEmpty(description))
        {
            var line = description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {line}\n");
        }

        var type = kind switch { MeterKind.Counter or MeterKind.ObservedCounter => "counter", MeterKind.Histogram => "histogram", _ => "gauge" };
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
    }

    private static void Append(StringBuilder text, string name, MeterSeries series)
    {
        var (sum, count, buckets) = series.Read();
        var labels = series.Labels.Length == 0 ? "" : $"{{{series.Labels}}}";
        if (series.Kind != MeterKind.Histogram)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {Number(sum)}\n");
            return;
        }

        var prefix = series.Labels.Length == 0 ? "" : series.Labels + ",";
        var below = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            below += buckets[i];
            var bound = i < series.Bounds.Count ? Number(series.Bounds[i]) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{prefix}le=\"{bound}\"}} {below}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {Number(sum)}\n{name}_count{labels} {count}\n");
    }

    private static string NameOf(Instrument instrument, MeterKind kind)
    {
        var name = Word(instrument.Name);
        var unit = instrument.Unit is { Length: > 0 } given ? UnitNames.GetValueOrDefault(given, given.StartsWith('{') ? "" : Word(given)) : "";
        name = unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal) ? $"{name}_{unit}" : name;
        return kind is MeterKind.Counter or MeterKind.ObservedCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static string Word(string text)
    {
        var word = string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
        return word.Length > 0 && char.IsAsciiDigit(word[0]) ? "_" + word : word;
    }

    private static string Escaped(string value)
        => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value)
        => double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf"
            : value.ToString("R", CultureInfo.InvariantCulture);
}
