namespace Forge.Hosting.RunFiles;

/// <summary>Reads durations of command lines the way run files write them.</summary>
public static class DurationText
{
    /// <summary>Such as <c>30s</c>, <c>1h30m</c>, <c>7d</c>; null when the text is no duration.</summary>
    public static TimeSpan? TryRead(string text) => (TimeSpan?)ScalarText.Read(typeof(TimeSpan), new RunScalar("", text, IsQuoted: false));
}
