using System.Collections.Immutable;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>One opening of a <see cref="ModelLedger"/>: writes in order, each through a gate that may break it.</summary>
/// <param name="ledger">What is durable.</param>
/// <param name="gate">Applies a write; it may do so late, or never, or answer with a fault.</param>
/// <param name="travel">How long what was read is on its way; null for no time.</param>
internal sealed class ModelStore(ModelLedger ledger, Func<Action, Task> gate, Func<Task>? travel = null) : IEpisodeStore
{
    private readonly List<ScheduleEvent> _logged = [];
    private Task _last = Task.CompletedTask;

    public async Task<PoolSnapshot> LoadAsync(CancellationToken cancellationToken)
    {
        var snapshot = ledger.Load();
        await (travel?.Invoke() ?? Task.CompletedTask);
        return snapshot;
    }

    public Task AddGroupAsync(StoredGroup group) => WriteAsync(() => Do(() => ledger.AddGroup(group)));

    public Task<ImmutableArray<StoredEpisode>> AddAttemptsAsync(GroupId group, IReadOnlyList<StoredEpisode> attempts)
        => WriteAsync(() => ledger.AddAttempts(group, attempts));

    public Task<Receipt> AddCompletionAsync(Completion completion) => WriteAsync(() => ledger.AddCompletion(completion));

    public Task<Receipt> AddResultAsync(EpisodeResult result) => WriteAsync(() => ledger.AddResult(result));

    public Task<Receipt> AddRetryAsync(EpisodeResult broken, StoredEpisode next) => WriteAsync(() => ledger.AddRetry(broken, next));

    public Task<Receipt> GiveUpAsync(DeadLetter letter, EpisodeResult? broken) => WriteAsync(() => ledger.GiveUp(letter, broken));

    public Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(CancellationToken cancellationToken)
        => Task.FromResult<ImmutableArray<DeadLetter>>([.. ledger.Letters]);

    public Task<Group> ReadGroupAsync(GroupId group, CancellationToken cancellationToken) => Task.FromResult(ledger.ReadGroup(group));

    public Task ConsumeAsync(IReadOnlyList<Consumption> consumptions) => WriteAsync(() => Do(() => ledger.Consume(consumptions)));

    public async Task TrainAsync(BatchManifest batch)
    {
        if (ledger.Defect == Defect.HalfAStep && batch.Groups.Length > 1)
        {
            await WriteAsync(() => Do(() => ledger.Train(batch with { Groups = batch.Groups[..1] })));
            await WriteAsync(() => Do(() => ledger.Consume([.. batch.Consumptions.Skip(1)])));
            return;
        }

        await WriteAsync(() => Do(() => ledger.Train(batch)));
    }

    public Task<BatchManifest?> ReadBatchAsync(PolicyVersion step, CancellationToken cancellationToken) => Task.FromResult(ledger.Batch(step));

    public async Task<ImmutableArray<StoredGroup>> PutBackAfterAsync(PolicyVersion version)
    {
        var putBack = await WriteAsync(() => ledger.PutBackAfter(version));
        await (travel?.Invoke() ?? Task.CompletedTask);
        return putBack;
    }

    public void Log(ScheduleEvent recorded) => _logged.Add(recorded);

    public Task<ImmutableArray<GroupId>> ReadStepAsync(PolicyVersion step, CancellationToken cancellationToken)
        => Task.FromResult<ImmutableArray<GroupId>>([.. ledger.Consumptions
            .Where(line => line.Kind == ConsumptionKind.Trained && line.Step == step).OrderBy(line => line.Position).Select(line => line.Group)]);

    public Task<ImmutableArray<Consumption>> ReadConsumptionsAsync(CancellationToken cancellationToken) => Task.FromResult(ledger.Consumptions);

    public Task<ImmutableArray<CompletionId>> FindMissingAsync(IReadOnlyCollection<CompletionId> completions, CancellationToken cancellationToken)
        => Task.FromResult<ImmutableArray<CompletionId>>([.. completions.Where(completion => !ledger.Has(completion))]);

    public Task<ImmutableArray<EpisodeId>> FindUnfinishedAsync(IReadOnlyCollection<EpisodeId> episodes, CancellationToken cancellationToken)
        => Task.FromResult<ImmutableArray<EpisodeId>>([.. episodes.Where(episode => !ledger.IsEnded(episode))]);

    public Task<ImmutableArray<ScheduleEvent>> ReadScheduleAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.FromResult<ImmutableArray<ScheduleEvent>>([.. ledger.Schedule]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool Do(Action write)
    {
        write();
        return true;
    }

    // What was logged before a write is durable with it.
    private async Task<T> WriteAsync<T>(Func<T> write)
    {
        var (before, done) = (_last, new TaskCompletionSource());
        _last = done.Task;
        await before;
        T? answer = default;
        try
        {
            await gate(() =>
            {
                answer = write();
                Flush();
            });
        }
        finally
        {
            done.SetResult();
        }

        return answer!;
    }

    private void Flush()
    {
        ledger.Schedule.AddRange(_logged);
        _logged.Clear();
    }
}
