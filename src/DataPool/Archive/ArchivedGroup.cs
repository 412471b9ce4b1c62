using Forge.Core.Ring;

namespace Forge.DataPool.Archive;

/// <summary>One line about a group, without its tokens.</summary>
/// <param name="Id">The dispatch index.</param>
/// <param name="Task">What was asked.</param>
/// <param name="DispatchedAt">The newest version at its dispatch.</param>
/// <param name="State">running, finished, trained, skipped or failed.</param>
/// <param name="Step">The version of the step that consumed it; null while it is in flight.</param>
/// <param name="Episodes">Places in the group.</param>
/// <param name="Attempts">Attempts at them, the replaced ones included.</param>
/// <param name="Successes">Episodes whose outcome the verifier accepted.</param>
/// <param name="Completions">Calls to the model of the attempts that count.</param>
/// <param name="Reason">Why it was not trained.</param>
public sealed record ArchivedGroup(
    GroupId Id,
    TaskId Task,
    PolicyVersion DispatchedAt,
    string State,
    long? Step,
    int Episodes,
    int Attempts,
    int Successes,
    int Completions,
    string Reason)
{
    /// <summary>True when its tokens were pruned: it is listed, and can't be read.</summary>
    public bool IsPruned { get; init; }

    /// <summary>True when every episode has ended and its tokens are there.</summary>
    public bool IsWhole => !IsPruned && (State is "finished" or "trained" or "skipped");
}
