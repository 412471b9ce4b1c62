using System.Text.Json;
using Forge.Hosting.Telemetry;
using Forge.TestKit;

namespace Forge.Hosting.Tests.Telemetry;

public sealed class MetricsJsonlWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Write_appends_one_object_per_step_that_a_reader_sees_at_once()
    {
        using var writer = new MetricsJsonlWriter(_folder.File("metrics.jsonl"), TimeProvider.System, null);

        writer.Write(1, new Dictionary<string, double> { ["reward/mean"] = 0.5, ["loss/policy"] = double.NaN });
        writer.Write(2, new Dictionary<string, double> { ["reward/mean"] = 0.25 });

        var lines = Lines();
        Assert.Equal(2, lines.Count);
        Assert.Equal(1, lines[0].GetProperty("step").GetInt64());
        Assert.Equal(0.5, lines[0].GetProperty("reward/mean").GetDouble());
        Assert.Equal("NaN", lines[0].GetProperty("loss/policy").GetString());
        Assert.Equal(0.25, lines[1].GetProperty("reward/mean").GetDouble());
    }

    [Fact]
    public void Resuming_cuts_later_steps_and_a_torn_line()
    {
        File.WriteAllText(_folder.File("metrics.jsonl"), "{\"step\":1,\"a\":1}\n{\"step\":2,\"ä\":1}\n{\"step\":3,\"a\":1}\n{\"step\":4,\"a");

        using (var writer = new MetricsJsonlWriter(_folder.File("metrics.jsonl"), TimeProvider.System, 2))
        {
            writer.Write(3, new Dictionary<string, double> { ["a"] = 9 });
        }

        Assert.Equal([1, 2, 3], Lines().Select(line => line.GetProperty("step").GetInt64()));
        Assert.Equal(9, Lines()[2].GetProperty("a").GetDouble());
    }

    [Fact]
    public void A_new_run_starts_with_an_empty_file()
    {
        File.WriteAllText(_folder.File("metrics.jsonl"), "{\"step\":1}\n");

        new MetricsJsonlWriter(_folder.File("metrics.jsonl"), TimeProvider.System, null).Dispose();

        Assert.Empty(Lines());
    }

    public void Dispose() => _folder.Dispose();

    private List<JsonElement> Lines()
    {
        using var file = new FileStream(_folder.File("metrics.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
