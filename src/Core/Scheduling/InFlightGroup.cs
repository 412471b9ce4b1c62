namespace Forge.Core.Scheduling;

/// <summary>A group dispatched and not yet consumed.</summary>
/// <param name="Index">The dispatch index.</param>
/// <param name="DispatchedAt">The newest version at its dispatch.</param>
/// <param name="Taken">True once it is in the open batch: nothing can overtake it any more.</param>
public readonly record struct InFlightGroup(long Index, long DispatchedAt, bool Taken);
