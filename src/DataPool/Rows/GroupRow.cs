using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Rows;

internal sealed class GroupRow
{
    public long Id { get; init; }

    public long DispatchedAt { get; init; }

    public int Status { get; init; }

    public required string TaskId { get; init; }

    public required string Environment { get; init; }

    public int Split { get; init; }

    public int Difficulty { get; init; }

    public long Seed { get; init; }

    public int LastEvent { get; init; }

    public TaskReference ToTask()
        => new(new TaskId(StoredText.Read(TaskId)), StoredText.Read(Environment), (TaskSplit)Split, Difficulty, unchecked((ulong)Seed));

    public StoredGroup ToGroup(IEnumerable<EpisodeRow> episodes) => new(
        new GroupId(Id),
        ToTask(),
        new PolicyVersion(DispatchedAt),
        Status == GroupStatus.Finished,
        [.. episodes.Select(row => row.ToAttempt())],
        (ScheduleEventKind)LastEvent);
}
