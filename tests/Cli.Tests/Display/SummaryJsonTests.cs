using System.Text.Json;
using Forge.Cli.Display;
using Forge.TestKit;

namespace Forge.Cli.Tests.Display;

public sealed class SummaryJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Text_has_the_documented_form()
    {
        var json = JsonDocument.Parse(SummaryJson.Text(Samples.Summary())).RootElement;

        var after = json.GetProperty("eval").GetProperty("after");
        Assert.Equal("finished", json.GetProperty("status").GetString());
        Assert.Equal(6400, json.GetProperty("episodes").GetInt64());
        Assert.Equal(1_234_567, json.GetProperty("trained_tokens").GetInt64());
        Assert.Equal(0.4, json.GetProperty("eval").GetProperty("before").GetProperty("success").GetDouble());
        Assert.Equal(0.9, after.GetProperty("success").GetDouble());
        Assert.Equal(40, after.GetProperty("n").GetInt32());
        Assert.Equal(2, after.GetProperty("ci95").GetArrayLength());
        Assert.Equal(20, after.GetProperty("by_difficulty").GetProperty("2").GetProperty("n").GetInt32());
    }

    [Fact]
    public void The_starting_evaluation_is_read_back_for_a_resumed_run()
    {
        File.WriteAllText(_folder.File("summary.json"), SummaryJson.Text(Samples.Summary()));

        var before = SummaryFile.ReadBefore(_folder.File("summary.json"));

        Assert.NotNull(before);
        Assert.Equal(SummaryJson.Of(Samples.Report(0, 16)).ToJsonString(), SummaryJson.Of(before).ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"eval\":{\"before\":null}}")]
    [InlineData("{\"eval\":{\"before\":{\"success\":\"x\"}}}")]
    public void A_damaged_summary_reads_as_none(string text)
    {
        File.WriteAllText(_folder.File("summary.json"), text);

        Assert.Null(SummaryFile.ReadBefore(_folder.File("summary.json")));
    }

    public void Dispose() => _folder.Dispose();
}
