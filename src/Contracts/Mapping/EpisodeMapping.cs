using Forge.Core.Ring;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps results, episodes and groups.</summary>
public static class EpisodeMapping
{
    public static Wire.EpisodeResult ToWire(this EpisodeResult result) => new()
    {
        Episode = result.Episode.Value,
        Status = (Wire.EpisodeStatus)result.Status,
        EndCause = result.EndCause,
        Success = result.Success,
        Rewards = { result.Rewards.Select(reward => new Wire.StepReward { Process = reward.Process, Speed = reward.Speed, Outcome = reward.Outcome }) },
        ToolCalls = result.ToolCalls,
        ToolErrors = result.ToolErrors,
        ElapsedTicks = result.Elapsed.Ticks,
        Detail = result.Detail,
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static EpisodeResult ToCore(this Wire.EpisodeResult wire) => new()
    {
        Episode = new EpisodeId(wire.Episode),
        Status = WireFields.Member<EpisodeStatus>((int)wire.Status, $"the status of episode {wire.Episode}"),
        EndCause = wire.EndCause,
        Success = wire.Success,
        Rewards = [.. wire.Rewards.Select(reward => new StepReward(reward.Process, reward.Speed, reward.Outcome))],
        ToolCalls = wire.ToolCalls,
        ToolErrors = wire.ToolErrors,
        Elapsed = wire.ElapsedTicks.ToTimeSpan(),
        Detail = wire.Detail,
    };

    public static Wire.Episode ToWire(this Episode episode) => new()
    {
        Id = episode.Id.Value,
        Group = episode.Group.Value,
        IndexInGroup = episode.IndexInGroup,
        Completions = { episode.Completions.Select(completion => completion.ToWire()) },
        Result = episode.Result.ToWire(),
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static Episode ToCore(this Wire.Episode wire) => new(
        new EpisodeId(wire.Id),
        new GroupId(wire.Group),
        wire.IndexInGroup,
        [.. wire.Completions.Select(completion => completion.ToCore())],
        WireFields.Required(wire.Result, $"result of episode {wire.Id}").ToCore());

    public static Wire.Group ToWire(this Group group) => new()
    {
        Id = group.Id.Value,
        Task = group.Task.ToWire(),
        DispatchedAt = group.DispatchedAt.Value,
        Episodes = { group.Episodes.Select(episode => episode.ToWire()) },
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static Group ToCore(this Wire.Group wire) => new(
        new GroupId(wire.Id),
        WireFields.Required(wire.Task, $"task of group {wire.Id}").ToCore(),
        new PolicyVersion(wire.DispatchedAt),
        [.. wire.Episodes.Select(episode => episode.ToCore())]);
}
