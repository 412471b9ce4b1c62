using System.Globalization;

namespace Forge.Cli.Runs;

/// <summary>Writes durations for people.</summary>
internal static class Durations
{
    /// <summary>Such as <c>42 s</c>, <c>7 min</c>, <c>3 h 5 min</c>.</summary>
    public static string Short(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalHours} h {duration.Minutes} min"),
    };
}
