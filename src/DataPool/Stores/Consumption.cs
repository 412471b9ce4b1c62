using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>One line of the consumption log: how a group left the pool.</summary>
/// <param name="Group">The dispatch index.</param>
/// <param name="Kind">How.</param>
/// <param name="Step">The version that the optimizer step published; for a group not trained, the version that was being built.</param>
/// <param name="Position">Order within the step's trained groups, from 0; 0 for a group not trained.</param>
/// <param name="Reason">Why it was not trained; empty for a trained one.</param>
public sealed record Consumption(GroupId Group, ConsumptionKind Kind, PolicyVersion Step, int Position, string Reason);
