using System.Text.Json;
using Forge.Hosting.Telemetry;
using Forge.TestKit;
using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Tests.Telemetry;

public sealed class JsonLinesLoggerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void An_entry_is_one_object_with_its_values()
    {
        using (var provider = new JsonLinesLoggerProvider(_folder.File("log.jsonl"), TimeProvider.System))
        {
            provider.CreateLogger("Forge.Trainer").Log(
                LogLevel.Warning, new EventId(5001, "GroupSkipped"), new KeyValuePair<string, object?>[] { new("Group", 17) }, new InvalidOperationException("why"), (_, _) => "Group 17 was skipped");
        }

        var entry = JsonDocument.Parse(Assert.Single(File.ReadAllLines(_folder.File("log.jsonl")))).RootElement;
        Assert.Equal("warning", entry.GetProperty("level").GetString());
        Assert.Equal("Forge.Trainer", entry.GetProperty("category").GetString());
        Assert.Equal(5001, entry.GetProperty("event_id").GetInt32());
        Assert.Equal("GroupSkipped", entry.GetProperty("event").GetString());
        Assert.Equal("17", entry.GetProperty("values").GetProperty("Group").GetString());
        Assert.Contains("why", entry.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_costs_lines_and_harms_nobody_who_logs()
    {
        using var provider = new JsonLinesLoggerProvider("/dev/full", TimeProvider.System);
        var logger = provider.CreateLogger("Forge.Trainer");

        var error = Record.Exception(() => logger.Log(LogLevel.Warning, new EventId(1), "a line", null, (text, _) => text));

        Assert.Null(error);
    }

    public void Dispose() => _folder.Dispose();
}
