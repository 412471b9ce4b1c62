namespace Forge.Core.Ring;

/// <summary>Says whose a ticket is. A ticket given out later has a higher token, within the whole run.</summary>
/// <param name="Token">Unique within the run, from 1, rising.</param>
/// <param name="Worker">Who runs the ticket's episodes.</param>
public sealed record GroupLease(long Token, WorkerId Worker);
