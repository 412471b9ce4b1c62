using Forge.Cli.Display;
using Microsoft.Extensions.Logging;

namespace Forge.Cli.Composition;

/// <summary>Shows warnings and errors to whoever watches the run; everything else stays in the log file.</summary>
internal sealed class DisplayLoggerProvider(ITrainingDisplay display) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            display.Note(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
