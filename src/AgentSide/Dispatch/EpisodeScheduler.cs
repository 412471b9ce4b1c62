using Forge.AgentSide.Agents;
using Forge.AgentSide.Environments;
using Forge.Core.Ports;
using Forge.Core.Ring;

namespace Forge.AgentSide.Dispatch;

/// <summary>
/// Keeps episodes running: takes the next group as soon as an episode may start, and plays the group's episodes side by side, up to the
/// bound on concurrency. Which group comes next is the dispatcher's choice, which task it asks the curriculum's.
/// </summary>
/// <remarks>
/// <code>
///   a free slot ──▶ dispatch (waits for M and S) ──▶ episode 1 ─┐
///        ▲                                      ├──▶ …          ├──▶ result posted, slot free
///        │                                      └──▶ episode G ─┘          │
///        └──────────────────────────────────────────────────────────────────┘
/// </code>
/// </remarks>
public sealed class EpisodeScheduler(
    IGroupDispatcher dispatcher, EpisodeRunner runner, TaskCurriculum curriculum, EpisodeSchedulerOptions options)
{
    /// <summary>Runs until it is cancelled, then returns; an episode that breaks the machinery stops all and is thrown.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var slots = new SemaphoreSlim(options.Concurrency);
        var running = new List<Task>();
        try
        {
            while (true)
            {
                await slots.WaitAsync(stop.Token);
                slots.Release();
                var ticket = await dispatcher.DispatchAsync(curriculum.Next, options.EpisodesPerGroup, stop.Token);
                await StartAsync(ticket, running, slots, stop);
                running.RemoveAll(task => task.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Either the caller stops, or an episode broke: that one's exception comes out of the tasks below.
        }
        finally
        {
            await stop.CancelAsync();
            await WaitAsync(running);
        }
    }

    private async Task StartAsync(GroupTicket ticket, List<Task> running, SemaphoreSlim slots, CancellationTokenSource stop)
    {
        var task = runner.Environment.Sample(ticket.Task.Split, ticket.Task.Difficulty, ticket.Task.Seed);
        foreach (var episode in ticket.Episodes)
        {
            await slots.WaitAsync(stop.Token);
            running.Add(PlayAsync(Plan(episode, task), slots, stop));
        }
    }

    private EpisodePlan Plan(EpisodeId episode, EnvironmentTask task)
    {
        var seed = SeededRandom.Combine(options.Seed, SeededRandom.Hash(episode.Value));
        return new EpisodePlan(episode, task, options.Sampling with { Seed = seed }, SeededRandom.Combine(seed, 1));
    }

    private async Task PlayAsync(EpisodePlan plan, SemaphoreSlim slots, CancellationTokenSource stop)
    {
        // Leaves the dispatching loop at once: environments may compute before they first wait.
        await Task.Yield();
        try
        {
            await runner.RunAsync(plan, stop.Token);
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

    private static async Task WaitAsync(List<Task> running)
    {
        try
        {
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException)
        {
            // All that ended otherwise were stopped from here; their leases bring them back.
        }
    }
}
