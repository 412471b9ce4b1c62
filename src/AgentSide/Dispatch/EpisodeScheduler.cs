using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Dispatch;

/// <summary>
/// Keeps episodes running: takes the next ticket as soon as an episode may start, and plays its episodes side by side, up to the
/// bound on concurrency. Which group comes next is the dispatcher's choice, which task it asks the curriculum's.
/// </summary>
/// <remarks>
/// <code>
///   a free slot ──▶ dispatch (waits for M and S) ──▶ episode 1 ─┐
///        ▲                                      ├──▶ …          ├──▶ result posted, slot free
///        │                                      └──▶ episode G ─┘          │
///        └──────────────────────────────────────────────────────────────────┘
/// </code>
/// A ticket whose lease was lost is dropped: its episodes are stopped, and another worker plays them.
/// </remarks>
public sealed class EpisodeScheduler(
    IGroupDispatcher dispatcher, EpisodeRunner runner, TaskCurriculum curriculum, EpisodeSchedulerOptions options, TimeProvider time)
{
    // Machinery that fails is left alone for a moment, instead of being asked as fast as it fails.
    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(1);

    private GroupId _next;

    /// <summary>
    /// Runs until it is cancelled, lets running episodes finish for a while (<see cref="EpisodeSchedulerOptions.Drain"/>), hands back what
    /// it did not finish, then returns; an episode that breaks the machinery stops all and is thrown.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        using var dispatching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        using var slots = new SemaphoreSlim(options.Concurrency);
        using var tickets = new HeldTickets(dispatcher, options.Worker, time);
        var renewing = RenewAsync(tickets, stop);
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await slots.WaitAsync(dispatching.Token);
                slots.Release();
                var ticket = await NextAsync(tickets, dispatching.Token);
                await StartAsync(tickets.Hold(ticket), running, slots, stop, dispatching.Token);
                running.RemoveAll(task => task.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException) when (dispatching.IsCancellationRequested)
        {
            // Either the caller stops, or an episode broke: that one's exception comes out of the tasks below.
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
            {
                // Whoever breaks is thrown below, and who needs longer is stopped there.
                await Task.WhenAll(running).WaitAsync(options.Drain, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await stop.CancelAsync();
            await WaitAsync([renewing, .. running]);
            await tickets.HandBackAsync();
        }
    }

    private async Task<GroupTicket> NextAsync(HeldTickets tickets, CancellationToken cancellationToken)
    {
        while (true)
        {
            var request = new DispatchRequest(options.Worker, tickets.Tokens, options.EpisodesPerGroup, _next, curriculum.Next(_next));
            var reply = await dispatcher.DispatchAsync(request, cancellationToken);
            _next = reply.Next;
            if (reply.Ticket is { } ticket)
            {
                return ticket;
            }
        }
    }

    private async Task StartAsync(HeldTicket held, List<Task> running, SemaphoreSlim slots, CancellationTokenSource stop, CancellationToken dispatching)
    {
        var reference = held.Ticket.Task;
        var task = runner.Environment.Sample(reference.Split, reference.Difficulty, reference.Seed);
        foreach (var episode in held.Ticket.Episodes)
        {
            await slots.WaitAsync(dispatching);
            running.Add(PlayAsync(held, Plan(episode, task), slots, stop));
        }
    }

    private EpisodePlan Plan(EpisodeId episode, EnvironmentTask task)
    {
        var seed = SeededRandom.Combine(options.Seed, SeededRandom.Hash(episode.Value));
        return new EpisodePlan(episode, task, options.Sampling with { Seed = seed }, SeededRandom.Combine(seed, 1));
    }

    private async Task PlayAsync(HeldTicket held, EpisodePlan plan, SemaphoreSlim slots, CancellationTokenSource stop)
    {
        // Leaves the dispatching loop at once: environments may compute before they first wait.
        await Task.Yield();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, held.Lost);
        try
        {
            var result = await runner.RunAsync(plan, either.Token);
            held.EndOne();
            if (result.Failure == FailureKind.Infrastructure)
            {
                await Task.Delay(AfterOutage, time, stop.Token);
            }
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            // Somebody else plays it.
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            slots.Release();
        }
    }

    private static async Task RenewAsync(HeldTickets tickets, CancellationTokenSource stop)
    {
        try
        {
            await tickets.RenewAsync(stop.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static async Task WaitAsync(List<Task> running)
    {
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException)
        {
            // All that ended otherwise were stopped from here; they are handed back.
        }
    }
}
