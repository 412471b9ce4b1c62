namespace Forge.DataPool.Checking;

/// <summary>What a line of a history is about. Stored as a name.</summary>
public enum HistoryEvent
{
    Unspecified = 0,

    /// <summary>A fault was injected.</summary>
    Fault = 1,

    /// <summary>A completion was sent; acknowledged when it was kept.</summary>
    Record = 2,

    /// <summary>An episode's result was sent; acknowledged when it was kept.</summary>
    Finish = 3,

    /// <summary>A ticket reached a worker: the id is the episode's, one line for each.</summary>
    Dispatch = 4,

    /// <summary>An optimizer step was made and its checkpoint is durable: version and groups.</summary>
    Train = 5,

    /// <summary>The pool was told of a step.</summary>
    Acknowledge = 6,

    /// <summary>A trainer went on from a checkpoint: what was trained after that version is void.</summary>
    Recover = 7,
}
