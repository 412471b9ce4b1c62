using Forge.Core.Ports;
using Forge.DataPool.Hot;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Hot;

/// <summary>What every hot state promises.</summary>
public abstract class HotStateConformance
{
    [Fact]
    public async Task Nothing_is_shown_before_the_first_write()
    {
        await using var state = await OpenAsync("empty");

        Assert.Null(await state.ReadAsync(CancellationToken.None).DefaultTimeout());
    }

    [Fact]
    public async Task Last_write_is_shown_whole()
    {
        await using var state = await OpenAsync("last");
        await state.TryWriteAsync(Window(1), CancellationToken.None).DefaultTimeout();

        Assert.True(await state.TryWriteAsync(Window(2), CancellationToken.None).DefaultTimeout());
        var read = await state.ReadAsync(CancellationToken.None).DefaultTimeout();

        Assert.Equal(Window(2) with { Leases = default }, read! with { Leases = default });
        Assert.Equal(Window(2).Leases, read.Leases);
    }

    [Fact]
    public async Task Write_wakes_those_who_wait()
    {
        await using var state = await OpenAsync("wake");
        var waiting = state.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);

        await state.TryWriteAsync(Window(1), CancellationToken.None).DefaultTimeout();

        Assert.True(await waiting.DefaultTimeout());
    }

    [Fact]
    public async Task Wait_ends_by_itself()
    {
        await using var state = await OpenAsync("silent");

        Assert.False(await state.WaitAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None).DefaultTimeout());
    }

    protected static HotWindow Window(long head) => new(
        DateTimeOffset.UnixEpoch.AddSeconds(head),
        new WindowStatus(head, 9, 5, 3, 1, 1, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(2), 4, 1, 2)
        {
            Leases = 2,
            Stall = new StallReport("trainer", "group 7", TimeSpan.FromMinutes(3), "Look at worker w1."),
        },
        new StalenessStatus(3, 0.5, 1, 1.5, 2, true),
        [new HotLease(4, "w1", 7, 2, TimeSpan.FromSeconds(20)), new HotLease(5, "local", 8, 1, null)]);

    protected abstract Task<IHotState> OpenAsync(string run);
}
