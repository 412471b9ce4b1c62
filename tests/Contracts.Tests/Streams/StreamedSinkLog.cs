using System.Collections.Concurrent;

namespace Forge.Contracts.Tests.Streams;

/// <summary>What the calls of a <see cref="StreamedSink"/> did.</summary>
internal sealed class StreamedSinkLog
{
    /// <summary>HTTP requests by their identifiers, with their paths.</summary>
    public ConcurrentDictionary<string, string> Requests { get; } = new();

    /// <summary>Ends when a call is held.</summary>
    public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets held calls go.</summary>
    public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the service learns that nobody waits for a held call.</summary>
    public TaskCompletionSource GivenUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
