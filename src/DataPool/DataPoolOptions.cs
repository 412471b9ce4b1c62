using Forge.Core.Scheduling;

namespace Forge.DataPool;

/// <summary>The four numbers of the schedule and what to do with a head that never finishes (docs/windowed-fifo.md says why these defaults).</summary>
public sealed class DataPoolOptions
{
    /// <summary>M: groups dispatched and not yet trained, at least <see cref="GroupsPerBatch"/>. Buys utilisation.</summary>
    public int InFlight { get; init; } = 48;

    /// <summary>W as a fraction of M, greater than 0 and at most 1; ignored when <see cref="Window"/> is set.</summary>
    public double WindowRatio { get; init; } = 0.3;

    /// <summary>W in dispatch slots, at least 1; null takes it from <see cref="WindowRatio"/>.</summary>
    public int? Window { get; init; }

    /// <summary>B: groups per optimizer step, at least 1.</summary>
    public int GroupsPerBatch { get; init; } = 16;

    /// <summary>S: most policy versions between a group's dispatch and its training, at least 0. Bounds off-policyness.</summary>
    public int MaxStaleness { get; init; } = 2;

    /// <summary>After this long since its dispatch, a head that the trainer waits for is consumed as failed.</summary>
    public TimeSpan GroupDeadline { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>W, whichever way it was given.</summary>
    public int ResolvedWindow => Window ?? WindowLength.FromRatio(WindowRatio, InFlight);

    /// <summary>Everything that is wrong, with key, value and remedy; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Require(GroupsPerBatch >= 1, $"groups_per_batch is {GroupsPerBatch}; it must be at least 1.");
        Require(
            InFlight >= GroupsPerBatch,
            $"in_flight is {InFlight}, less than groups_per_batch ({GroupsPerBatch}): no batch could ever be filled. Raise in_flight.");
        Require(MaxStaleness >= 0, $"max_staleness is {MaxStaleness}; it must be 0 (on-policy) or more.");
        Require(Window is null or >= 1, $"window is {Window}; it must be at least 1 (strict order), or left out.");
        Require(
            Window is not null || (WindowRatio > 0 && WindowRatio <= 1),
            $"window_ratio is {WindowRatio}; it must be greater than 0 and at most 1.");
        Require(GroupDeadline > TimeSpan.Zero, $"group_deadline is {GroupDeadline}; it must be longer than zero.");
        return problems;

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }
}
