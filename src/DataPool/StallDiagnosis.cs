using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Leases;

namespace Forge.DataPool;

/// <summary>Says who waits for whom when nothing moves, from the window's figures alone.</summary>
internal static class StallDiagnosis
{
    /// <param name="status">The window.</param>
    /// <param name="places">Who plays what.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="paced">Whether S, not M, holds back the next dispatch.</param>
    /// <param name="still">How long nothing has moved.</param>
    public static StallReport Of(WindowStatus status, PlaceBook places, DataPoolOptions options, bool paced, TimeSpan still)
    {
        if (status.FinishedInWindow > 0)
        {
            return Report(
                "agent_side", "the trainer", $"{status.FinishedInWindow} groups may be taken and nobody takes them: see whether the trainer runs, and its log.");
        }

        if (places.Offered > 0)
        {
            return Report(
                "trainer", "the agent side", $"{places.Offered} episodes wait for a worker and none asks: start agent_side again, or see its log.");
        }

        if (status.Running > 0)
        {
            var head = places.Find(new GroupId(status.Head)) ?? places.InFlight.Values.First(entry => entry.Remaining.Count > 0);
            var workers = string.Join(", ", head.Remaining.Values.Select(place => place.Attempt.Lease?.Worker.Value).OfType<string>().Distinct());
            return Report(
                "trainer",
                $"group {head.Group.Id}, which {workers} plays",
                $"It lacks {head.Remaining.Count} of {head.Group.Episodes.Length} episodes, and {status.FinishedOutside} finished groups wait behind it: see that "
                + $"worker's log; after data_pool.group_deadline ({options.GroupDeadline}) it is given up, so lower that if its task hangs.");
        }

        if (status.InFlight >= options.InFlight || paced)
        {
            var bound = paced ? $"data_pool.max_staleness is {options.MaxStaleness}" : $"data_pool.in_flight is {options.InFlight}";
            return Report(
                "agent_side", "the trainer", $"{status.InFlight} groups are taken and none is acknowledged ({bound}): see whether the trainer's step goes on.");
        }

        return Report(
            "trainer",
            "the agent side",
            $"only {status.InFlight} of data_pool.in_flight = {options.InFlight} groups are dispatched, and nobody asks for more: start agent_side, or see its log.");

        StallReport Report(string waiting, string whom, string advice)
            => new(waiting, whom, still, advice);
    }
}
