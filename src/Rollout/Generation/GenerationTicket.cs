using Forge.Core.Ring;

namespace Forge.Rollout.Generation;

/// <summary>One request on its way through the engine, and the promise to its caller.</summary>
internal sealed class GenerationTicket(GenerationRequest request, long arrived, CancellationToken cancellationToken)
{
    // Callers continue on their own threads, never on the generation thread.
    private readonly TaskCompletionSource<Completion> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GenerationRequest Request => request;

    /// <summary>Timestamp of the arrival.</summary>
    public long Arrived => arrived;

    public Task<Completion> Completion => _completion.Task;

    /// <summary>True once the caller gave up; the loop then drops the ticket.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>
    /// The sequence that is computing a prefix of this prompt, and how far it must get; null when there is nothing to wait for.
    /// </summary>
    public (GenerationSequence Sequence, int Length)? Awaited { get; set; }

    public void Complete(Completion completion) => _completion.TrySetResult(completion);

    public void Cancel() => _completion.TrySetCanceled(cancellationToken);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
