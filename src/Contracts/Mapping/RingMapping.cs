using Forge.Core.Ring;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Mapping;

/// <summary>Maps tasks, tickets and sampling parameters.</summary>
public static class RingMapping
{
    public static Wire.TaskReference ToWire(this TaskReference task) => new()
    {
        Id = task.Id.Value,
        Environment = task.Environment,
        Split = (Wire.TaskSplit)task.Split,
        Difficulty = task.Difficulty,
        Seed = task.Seed,
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static TaskReference ToCore(this Wire.TaskReference task) => new(
        new TaskId(task.Id), task.Environment, WireFields.Member<TaskSplit>((int)task.Split, "a task's split"), task.Difficulty, task.Seed);

    public static Wire.GroupTicket ToWire(this GroupTicket ticket) => new()
    {
        Id = ticket.Id.Value,
        Task = ticket.Task.ToWire(),
        DispatchedAt = ticket.DispatchedAt.Value,
        Episodes = { ticket.Episodes.Select(episode => episode.Value) },
        Lease = new Wire.GroupLease { Token = ticket.Lease.Token, Worker = ticket.Lease.Worker.Value },
        LeaseDurationTicks = ticket.LeaseDuration.Ticks,
    };

    /// <exception cref="InvalidDataException">The message is not whole.</exception>
    public static GroupTicket ToCore(this Wire.GroupTicket ticket) => new(
        new GroupId(ticket.Id),
        WireFields.Required(ticket.Task, "task of the ticket").ToCore(),
        new PolicyVersion(ticket.DispatchedAt),
        [.. ticket.Episodes.Select(episode => new EpisodeId(episode))],
        WireFields.Required(ticket.Lease, "lease of the ticket").ToCore(),
        ticket.LeaseDurationTicks.ToTimeSpan());

    public static GroupLease ToCore(this Wire.GroupLease lease) => new(lease.Token, new WorkerId(lease.Worker));

    public static Wire.SamplingParameters ToWire(this SamplingParameters sampling) => new()
    {
        Temperature = sampling.Temperature,
        TopP = sampling.TopP,
        TopK = sampling.TopK,
        Seed = sampling.Seed,
        MaxNewTokens = sampling.MaxNewTokens,
        StopTokenIds = { sampling.StopTokenIds },
    };

    public static SamplingParameters ToCore(this Wire.SamplingParameters sampling) => new()
    {
        Temperature = sampling.Temperature,
        TopP = sampling.TopP,
        TopK = sampling.TopK,
        Seed = sampling.Seed,
        MaxNewTokens = sampling.MaxNewTokens,
        StopTokenIds = sampling.StopTokenIds.ToImmutable(),
    };
}
