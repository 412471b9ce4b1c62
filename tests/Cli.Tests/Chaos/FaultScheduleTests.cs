using Forge.Cli.Chaos;
using Forge.Hosting.Services;

namespace Forge.Cli.Tests.Chaos;

public sealed class FaultScheduleTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    [Fact]
    public void Draw_gives_the_same_schedule_for_the_same_seed_and_another_for_another()
    {
        var first = Draw(7, 10);
        var again = Draw(7, 10);
        var other = Draw(8, 10);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Draw_has_every_fault_and_every_service_once_before_any_comes_again()
    {
        var schedule = Draw(3, 6);

        Assert.Equal(18, schedule.Count);
        Assert.Equal(Enum.GetValues<ChaosKind>().Order(), schedule.Select(fault => fault.Kind).Distinct().Order());
        foreach (var kind in new[] { ChaosKind.Kill, ChaosKind.Freeze })
        {
            Assert.Equal(Enum.GetValues<ServiceName>(), schedule.Where(fault => fault.Kind == kind).Select(fault => fault.Service!.Value).Order());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(99)]
    public void Draw_puts_one_fault_into_each_interval_and_freezes_beyond_the_lease(ulong seed)
    {
        var schedule = Draw(seed, 10);

        Assert.Equal(30, schedule.Count);
        Assert.Equal(Enumerable.Range(0, 30), schedule.Select(fault => (int)(fault.At / Every)));
        Assert.All(schedule.Where(fault => fault.Kind == ChaosKind.Freeze), fault => Assert.True(fault.Lasts > Lease));
    }

    [Fact]
    public void Draw_leaves_out_what_cannot_be_had_without_moving_the_others()
    {
        var all = Draw(5, 10);
        var fewer = FaultSchedule.Draw(5, TimeSpan.FromMinutes(10), Every, Lease, new HashSet<ChaosKind> { ChaosKind.FillDisk });

        Assert.Equal(all.Where(fault => fault.Kind != ChaosKind.FillDisk), fewer);
    }

    private static IReadOnlyList<PlannedFault> Draw(ulong seed, double minutes)
        => [.. FaultSchedule.Draw(seed, TimeSpan.FromMinutes(minutes), Every, Lease, new HashSet<ChaosKind>())];
}
