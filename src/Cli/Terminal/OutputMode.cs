namespace Forge.Cli.Terminal;

/// <summary>For whom a verb writes.</summary>
internal enum OutputMode
{
    /// <summary>A person at a terminal: the display is redrawn in place.</summary>
    Live,

    /// <summary>A log file or a pipe: one line per event.</summary>
    Plain,

    /// <summary>A machine: JSON only on standard output.</summary>
    Json,
}
