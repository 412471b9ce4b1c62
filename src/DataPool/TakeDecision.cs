using Forge.Core.Ring;
using Forge.DataPool.Stores;

namespace Forge.DataPool;

/// <summary>What the schedule says to a trainer that asks for a group: exactly one of a group, a head given up, or a wait.</summary>
/// <param name="Taken">The group.</param>
/// <param name="Expired">A head beyond its deadline, to be written as failed and then forgotten before asking again.</param>
/// <param name="UntilHeadExpires">How long the running head has left; null when no group is dispatched at the head.</param>
internal readonly record struct TakeDecision(GroupId? Taken, Consumption? Expired, TimeSpan? UntilHeadExpires);
