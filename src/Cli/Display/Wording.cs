using System.Globalization;
using Forge.Core.Ring;

namespace Forge.Cli.Display;

/// <summary>Spells figures the way people read them, in the invariant culture.</summary>
internal static class Wording
{
    public static string Figure(double value) => value switch
    {
        _ when !double.IsFinite(value) => value.ToString(CultureInfo.InvariantCulture),
        0 => "0",
        _ when Math.Abs(value) is >= 1e6 or < 1e-3 => value.ToString("0.#e+0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    public static string Duration(TimeSpan span) => span switch
    {
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s"),
    };

    /// <summary>A success with its interval: <c>0.842 [0.803, 0.874] of 400</c>.</summary>
    public static string Success(LevelSuccess level)
        => string.Create(CultureInfo.InvariantCulture, $"{level.Success:0.000} [{level.Low:0.000}, {level.High:0.000}] of {level.Count}");
}
