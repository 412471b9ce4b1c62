using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>A plan with its indices on a device.</summary>
internal sealed class PlacedPlan
{
    private readonly HashSet<PlacedCall> _merged;

    public PlacedPlan(LevelPlan plan, Device device)
    {
        Plan = plan;
        OwnCalls = [.. plan.OwnCalls.Select(call => new PlacedCall(call, device))];
        PathCalls = [.. plan.PathCalls.Select(call => new PlacedCall(call, device))];
        OwnKeysAreAll = IsPartition(plan.OwnCalls, plan.RowCount);
        _merged = [.. OwnCalls.Where(own => plan.PathCalls.Any(path => Meet(own.Call, path)))];
    }

    public LevelPlan Plan { get; }

    public IReadOnlyList<PlacedCall> OwnCalls { get; }

    public IReadOnlyList<PlacedCall> PathCalls { get; }

    /// <summary>Whether one call on all rows does everything, so that nothing is merged or summed.</summary>
    public bool IsOneCall => OwnCalls.Count == 1 && PathCalls.Count == 0;

    /// <summary>Whether each row is a key of exactly one own call, without copies: such sums need no zeros to start from.</summary>
    public bool OwnKeysAreAll { get; }

    /// <summary>Whether path calls add to the results of an own call; those of others are final.</summary>
    public bool IsMerged(PlacedCall own) => _merged.Contains(own);

    private static bool IsPartition(IEnumerable<AttentionCall> calls, int rows)
    {
        var next = 0;
        foreach (var call in calls.OrderBy(call => call.KeyStart))
        {
            if (!call.KeyRows.IsEmpty || call.KeyStart != next)
            {
                return false;
            }

            next += call.KeyCount;
        }

        return next == rows;
    }

    private static bool Meet(AttentionCall own, AttentionCall path)
        => own.QueryStart < path.QueryStart + path.QueryCount && path.QueryStart < own.QueryStart + own.QueryCount;
}
