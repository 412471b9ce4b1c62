using System.Text.Json;
using Forge.Core.Scheduling;
using Forge.TestKit;

namespace Forge.Core.Tests.Scheduling;

public sealed class WindowedFifoBatchTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Batches_form_one_group_at_a_time(int number)
    {
        var trace = Load("batches.json")[number];
        var simulation = new BatchSimulation(trace);
        var expected = trace.GetProperty("expected_batches").EnumerateArray().ToList();

        var batches = simulation.Run(expected.Count);

        foreach (var (want, got) in expected.Zip(batches))
        {
            Assert.Equal(Longs(want.GetProperty("indices")), got.Indices);
            Assert.Equal(Longs(want.GetProperty("fetch_times")), got.FetchTimes);
            Assert.Equal(Longs(want.GetProperty("version_lag")), got.VersionLags);
            Assert.Equal(want.GetProperty("opened").GetInt64(), got.Opened);
            Assert.Equal(want.GetProperty("train_start").GetInt64(), got.TrainStart);
            Assert.Equal(want.GetProperty("train_end").GetInt64(), got.TrainEnd);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Whole_batches_never_stall_finished_work(int number)
    {
        var trace = Load("atomic_batches.json")[number];
        var fifo = new WindowedFifo(trace.GetProperty("W").GetInt32());
        var total = trace.GetProperty("n").GetInt32();
        for (var index = 0; index < total; index++)
        {
            fifo.Dispatch();
        }

        var taken = new List<long>();
        foreach (var index in Longs(trace.GetProperty("done_order")))
        {
            fifo.Finish(index);
            while (fifo.TryTake(out var next))
            {
                taken.Add(next);
            }
        }

        var batches = taken.Chunk(trace.GetProperty("B").GetInt32()).Select(batch => batch.Order().ToArray()).ToList();
        Assert.Equal(total, taken.Distinct().Count());
        var stuckWhenAtomic = trace.GetProperty("stuck_with_all_finished").GetBoolean();
        Assert.Equal(
            stuckWhenAtomic ? [[0, 1, 2, 3], [4, 5, 6, 7]] : trace.GetProperty("expected_batches").EnumerateArray().Select(Longs),
            batches);
    }

    [Fact]
    public void FromRatio_is_exact()
    {
        foreach (var window in Load("window_from_ratio.json"))
        {
            Assert.Equal(
                window.GetProperty("exact_floor").GetInt32(),
                WindowLength.FromRatio(window.GetProperty("ratio").GetDouble(), window.GetProperty("N").GetInt32()));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.1)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void FromRatio_refuses_what_is_not_a_fraction(double ratio)
        => Assert.Throws<ArgumentOutOfRangeException>(() => WindowLength.FromRatio(ratio, 8));

    private static List<JsonElement> Load(string file)
        => [.. JsonDocument.Parse(File.ReadAllText(Golden.Path("scheduling/" + file))).RootElement.GetProperty("cases").EnumerateArray()];

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt64())];
}
