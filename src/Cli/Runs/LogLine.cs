namespace Forge.Cli.Runs;

/// <summary>One line of a run's logs.</summary>
internal sealed record LogLine(DateTimeOffset Time, string Process, string Text);
