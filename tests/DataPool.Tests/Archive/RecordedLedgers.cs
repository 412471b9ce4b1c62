using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.TestKit;

namespace Forge.DataPool.Tests.Archive;

/// <summary>Fills a ledger such that every way a group can go is in it.</summary>
internal static class RecordedLedgers
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>
    /// Groups 0 to 5 of one episode with a call of three tokens. Step 1 trains 1 and 0, and skips 2; step 2 is lost in a crash with group 3
    /// and then trains 4; step 3 trains 5; 3 stays behind, finished. Each step is acknowledged an hour after the one before.
    /// </summary>
    public static async Task RecordAsync(IRecordedLedger ledger, ManualTimeProvider? time = null)
    {
        time ??= new ManualTimeProvider();
        await using var pool = await DataPool.OpenAsync(
            await ledger.OpenStoreAsync(time),
            new DataPoolOptions { InFlight = 8, Window = 8, GroupsPerBatch = 2, MaxStaleness = 8, GroupDeadline = TimeSpan.FromDays(9) },
            TimeProvider.System,
            CancellationToken.None).DefaultTimeout();
        for (var index = 0; index < 6; index++)
        {
            var ticket = await pool.DispatchAsync(id => SampleData.Task(id.Value), 1, CancellationToken.None).DefaultTimeout();
            var completion = SampleData.Completion(ticket.Episodes[0], turn: 0) with { PromptIds = [7, 8, 9] };
            await pool.RecordAsync(completion, CancellationToken.None).DefaultTimeout();
            await pool.FinishAsync(SampleData.Result(ticket.Episodes[0], turns: 1), CancellationToken.None).DefaultTimeout();
        }

        for (var index = 0; index < 6; index++)
        {
            await pool.TakeAsync(CancellationToken.None).DefaultTimeout();
        }

        await pool.SkipAsync(new GroupId(2), "flat", CancellationToken.None).DefaultTimeout();
        await AcknowledgeAsync(1, 1, 0);
        await AcknowledgeAsync(2, 3);
        await pool.RecoverAsync(new PolicyVersion(1), CancellationToken.None).DefaultTimeout();
        await AcknowledgeAsync(2, 4);
        await AcknowledgeAsync(3, 5);

        async Task AcknowledgeAsync(long step, params long[] groups)
        {
            time.Advance(Hour);
            await pool.AcknowledgeAsync([.. groups.Select(group => new GroupId(group))], new PolicyVersion(step), CancellationToken.None).DefaultTimeout();
        }
    }
}
