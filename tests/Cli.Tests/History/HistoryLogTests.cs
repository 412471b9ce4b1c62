using Forge.Cli.History;
using Forge.DataPool.Checking;
using Forge.TestKit;

namespace Forge.Cli.Tests.History;

public sealed class HistoryLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string PathOfLog => Path.Combine(_folder.Path, "history", "gateway.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AppendAsync_ends_when_the_line_can_be_read_by_others()
    {
        await using var log = new HistoryLog(PathOfLog, TimeProvider.System);
        var reader = new HistoryFile(PathOfLog);

        await log.AppendAsync(new HistoryLine { Event = HistoryEvent.Record, Id = "g1-e0/0", IsAcknowledged = true }).DefaultTimeout();
        var first = reader.ReadNew();
        await log.AppendAsync(new HistoryLine { Event = HistoryEvent.Train, Version = 3, Groups = [4, 5] }).DefaultTimeout();
        var second = reader.ReadNew();

        Assert.Equal((HistoryEvent.Record, "g1-e0/0", true), (Assert.Single(first).Event, first[0].Id, first[0].IsAcknowledged));
        Assert.Equal((HistoryEvent.Train, 3, false), (Assert.Single(second).Event, second[0].Version, second[0].IsAcknowledged));
        Assert.Equal<long>([4, 5], second[0].Groups);
    }

    [Fact]
    public async Task AppendAsync_keeps_the_order_of_the_calls()
    {
        await using var log = new HistoryLog(PathOfLog, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(number => log.AppendAsync(new HistoryLine { Event = HistoryEvent.Record, Id = $"{number}" })))
            .DefaultTimeout();

        Assert.Equal(Enumerable.Range(0, 500).Select(number => $"{number}"), new HistoryFile(PathOfLog).ReadNew().Select(line => line.Id));
    }

    [Fact]
    public async Task A_line_that_a_killed_process_left_torn_is_passed_over_and_spoils_none_after_it()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOfLog)!);
        await File.WriteAllTextAsync(PathOfLog, """{"event":"finish","id":"g1-e0","is_ackn""", TestContext.Current.CancellationToken);

        await using (var log = new HistoryLog(PathOfLog, TimeProvider.System))
        {
            await log.AppendAsync(new HistoryLine { Event = HistoryEvent.Finish, Id = "g2-e0" }).DefaultTimeout();
        }

        Assert.Equal("g2-e0", Assert.Single(new HistoryFile(PathOfLog).ReadNew()).Id);
    }
}
