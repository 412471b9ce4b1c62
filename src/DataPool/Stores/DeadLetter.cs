using Forge.Core.Ring;

namespace Forge.DataPool.Stores;

/// <summary>A group that was given up because one of its episodes used up its attempts.</summary>
/// <param name="Group">The dispatch index.</param>
/// <param name="Episode">The last attempt.</param>
/// <param name="Attempts">How many attempts failed.</param>
/// <param name="Kind">Whose fault the last failure was.</param>
/// <param name="Reason">What happened last, for people.</param>
/// <param name="Step">The version that was being built.</param>
public sealed record DeadLetter(GroupId Group, EpisodeId Episode, int Attempts, FailureKind Kind, string Reason, PolicyVersion Step)
{
    /// <summary>The line of the consumption log that belongs to it.</summary>
    public Consumption ToConsumption() => new(
        Group, ConsumptionKind.Failed, Step, Position: 0, $"episode {Episode} failed {Attempts} times ({Kind}), the last time: {Reason}");
}
