using Forge.Learning.Model.Attention.Levels.Planning;
using static TorchSharp.torch;

namespace Forge.Learning.Model.Attention.Levels;

/// <summary>A plan with its indices on a device.</summary>
internal sealed class PlacedPlan
{
    public PlacedPlan(LevelPlan plan, Device device)
    {
        Plan = plan;
        OwnCalls = [.. plan.OwnCalls.Select(call => new PlacedCall(call, device))];
        PathCalls = [.. plan.PathCalls.Select(call => new PlacedCall(call, device))];
    }

    public LevelPlan Plan { get; }

    public IReadOnlyList<PlacedCall> OwnCalls { get; }

    public IReadOnlyList<PlacedCall> PathCalls { get; }

    /// <summary>Whether one call on all rows does everything, so that nothing is merged or summed.</summary>
    public bool IsOneCall => OwnCalls.Count == 1 && PathCalls.Count == 0;
}
