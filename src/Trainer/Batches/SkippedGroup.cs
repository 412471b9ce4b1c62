using Forge.Core.Ring;

namespace Forge.Trainer.Batches;

/// <summary>A group that was consumed without training.</summary>
/// <param name="Group">The group.</param>
/// <param name="Reason">One of <see cref="SkipReason"/>.</param>
public sealed record SkippedGroup(Group Group, string Reason);
