using System.Collections.Immutable;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Scheduling;
using Forge.DataPool.Stores;

namespace Forge.DataPool.Tests.Simulation;

/// <summary>What an episode store promises, as plainly as it can be written: dictionaries. What is in it is durable.</summary>
internal sealed class ModelLedger
{
    private readonly SortedDictionary<long, StoredGroup> _groups = [];
    private readonly HashSet<long> _consumed = [];
    private readonly Dictionary<EpisodeId, ModelEpisode> _episodes = [];
    private readonly Dictionary<CompletionId, Completion> _completions = [];
    private readonly List<(Consumption Line, bool Undone)> _log = [];
    private readonly List<DeadLetter> _letters = [];
    private readonly Dictionary<long, BatchManifest> _batches = [];
    private int _recorded;

    public Defect Defect { get; init; }

    public List<ScheduleEvent> Schedule { get; } = [];

    public IReadOnlyList<DeadLetter> Letters => _letters;

    public ImmutableArray<Consumption> Consumptions => [.. _log.Where(entry => !entry.Undone).Select(entry => entry.Line)];

    public PoolSnapshot Load()
    {
        var last = Schedule.GroupBy(line => line.Index).ToDictionary(lines => lines.Key, lines => lines.Last().Kind);
        var lines = Consumptions;
        var inFlight = _groups.Values.Where(group => !_consumed.Contains(group.Id.Value)).Select(group =>
        {
            var episodes = Current(group.Id).ToImmutableArray();
            return group with
            {
                Episodes = episodes,
                IsFinished = episodes.All(episode => episode.IsFinished),
                LastEvent = last.GetValueOrDefault(group.Id.Value),
            };
        });
        return new PoolSnapshot(
            _groups.Count == 0 ? 0 : _groups.Keys.Last() + 1,
            new PolicyVersion(lines.Where(line => line.Kind == ConsumptionKind.Trained).Select(line => line.Step.Value).DefaultIfEmpty(0).Max()),
            lines.Count(line => line.Kind == ConsumptionKind.Failed),
            [.. inFlight.Where((_, place) => Defect != Defect.ForgetsGroup || place != 1)])
        {
            LastLease = _episodes.Values.Select(episode => episode.Attempt.Lease?.Token ?? 0).DefaultIfEmpty(0).Max(),
            DeadLetters = _letters.Count,
            GivenUpUnrecorded = [.. lines.Where(line => line.Kind == ConsumptionKind.Failed)
                .Where(line => last.GetValueOrDefault(line.Group.Value, ScheduleEventKind.GivenUp) is not (ScheduleEventKind.Expired or ScheduleEventKind.GivenUp))
                .Select(line => line.Group).Order()],
        };
    }

    public void AddGroup(StoredGroup group)
    {
        if (!_groups.TryAdd(group.Id.Value, group))
        {
            throw new ForgeException($"Group {group.Id} is there.");
        }

        foreach (var episode in group.Episodes)
        {
            _episodes[episode.Id] = new ModelEpisode(group.Id, episode);
        }
    }

    public ImmutableArray<StoredEpisode> AddAttempts(GroupId group, IReadOnlyList<StoredEpisode> attempts)
        => [.. attempts.Where(attempt => TryGive(group, attempt))];

    public Receipt AddCompletion(Completion completion)
    {
        if (_completions.TryGetValue(completion.Id, out var there))
        {
            return there.ResponseIds.SequenceEqual(completion.ResponseIds) && there.PromptIds.SequenceEqual(completion.PromptIds)
                ? Receipt.Duplicate
                : throw new ForgeException($"Another completion is '{completion.Id}'.");
        }

        var episode = Require(completion.Episode);
        if (episode.Result is not null || (IsReplaced(episode) && Defect != Defect.NoFencing))
        {
            return Receipt.Stale;
        }

        if (Defect != Defect.AnswersBeforeWriting || ++_recorded % 20 != 0)
        {
            _completions[completion.Id] = completion;
        }

        return Receipt.Kept;
    }

    public Receipt AddResult(EpisodeResult result)
    {
        var episode = Require(result.Episode);
        if (episode.Result is { } earlier)
        {
            return earlier.Status == result.Status ? Receipt.Duplicate : throw new ForgeException($"Episode '{result.Episode}' ended before.");
        }

        if (IsReplaced(episode) && Defect != Defect.NoFencing)
        {
            return Receipt.Stale;
        }

        var completions = _completions.Values.Count(completion => completion.Episode == result.Episode);
        if (!result.IsBroken && completions != result.Rewards.Length && Defect != Defect.AnswersBeforeWriting)
        {
            throw new ForgeException($"Episode '{result.Episode}' has {completions} completions but {result.Rewards.Length} rewards.");
        }

        episode.Result = result;
        episode.Attempt = episode.Attempt with { IsFinished = true };
        return Receipt.Kept;
    }

    public Receipt AddRetry(EpisodeResult broken, StoredEpisode next)
    {
        var receipt = AddResult(broken);
        if (receipt == Receipt.Kept)
        {
            var episode = _episodes[broken.Episode];
            episode.IsSuperseded = true;
            _episodes[next.Id] = new ModelEpisode(episode.Group, next);
        }

        return receipt;
    }

    public Receipt GiveUp(DeadLetter letter, EpisodeResult? broken)
    {
        if (broken is not null && AddResult(broken) is var receipt && receipt != Receipt.Kept)
        {
            return receipt;
        }

        if (_consumed.Contains(letter.Group.Value))
        {
            return Receipt.Stale;
        }

        _letters.Add(letter);
        Consume([letter.ToConsumption()]);
        return Receipt.Kept;
    }

    public Group ReadGroup(GroupId id)
    {
        var group = _groups[id.Value];
        var episodes = Current(id).Select(attempt => new Episode(
            attempt.Id, id, attempt.IndexInGroup,
            [.. _completions.Values.Where(completion => completion.Episode == attempt.Id).OrderBy(completion => completion.Turn)],
            ToWhole(_episodes[attempt.Id].Result!)));
        return new Group(id, group.Task, group.DispatchedAt, [.. episodes]);
    }

    public void Consume(IReadOnlyList<Consumption> lines)
    {
        if (Defect != Defect.ConsumesTwice && lines.FirstOrDefault(line => _consumed.Contains(line.Group.Value)) is { } twice)
        {
            throw new ForgeException($"Group {twice.Group} was consumed before; it can't enter step {twice.Step} too.");
        }

        _log.AddRange(lines.Select(line => (line, false)));
        _consumed.UnionWith(lines.Select(line => line.Group.Value));
    }

    public void Train(BatchManifest batch)
    {
        if (Defect != Defect.ConsumesTwice && Batch(batch.Step) is not null)
        {
            throw new ForgeException($"Step {batch.Step} was acknowledged before with other groups.");
        }

        Consume([.. batch.Consumptions]);
        _batches[batch.Step.Value] = batch;
    }

    public BatchManifest? Batch(PolicyVersion step) => _batches.GetValueOrDefault(step.Value);

    public ImmutableArray<StoredGroup> PutBackAfter(PolicyVersion version)
    {
        var undone = _log.Where(entry => !entry.Undone && entry.Line.Step > version && entry.Line.Kind != ConsumptionKind.Failed).ToList();
        foreach (var entry in undone)
        {
            _consumed.Remove(entry.Line.Group.Value);
            if (Defect != Defect.ConsumesTwice)
            {
                _log[_log.IndexOf(entry)] = (entry.Line, true);
            }
        }

        _batches.Keys.Where(step => step > version.Value).ToList().ForEach(step => _batches.Remove(step));
        var groups = undone.Select(entry => entry.Line.Group).ToHashSet();
        return [.. Load().InFlight.Where(group => groups.Contains(group.Id))];
    }

    public bool Has(CompletionId completion) => _completions.ContainsKey(completion);

    public bool IsEnded(EpisodeId episode) => _episodes.TryGetValue(episode, out var known) && known.Result is not null;

    private bool TryGive(GroupId group, StoredEpisode attempt)
    {
        if (_episodes.TryGetValue(attempt.Id, out var there))
        {
            var isOpen = there.Result is null && !IsReplaced(there);
            there.Attempt = isOpen ? attempt : there.Attempt;
            return isOpen;
        }

        var earlier = _episodes.Values.FirstOrDefault(episode => episode.Group == group
            && episode.Attempt.IndexInGroup == attempt.IndexInGroup && episode.Result is null && !IsReplaced(episode));
        if (earlier is null)
        {
            return false;
        }

        earlier.IsSuperseded = true;
        _episodes[attempt.Id] = new ModelEpisode(group, attempt);
        return true;
    }

    private IEnumerable<StoredEpisode> Current(GroupId group)
        => _episodes.Values.Where(episode => episode.Group == group && !episode.IsSuperseded)
            .Select(episode => episode.Attempt).OrderBy(attempt => attempt.IndexInGroup);

    private bool IsReplaced(ModelEpisode episode) => episode.IsSuperseded || _consumed.Contains(episode.Group.Value);

    private ModelEpisode Require(EpisodeId id)
        => _episodes.TryGetValue(id, out var episode) ? episode : throw new ForgeException($"Episode '{id}' is unknown.");

    private EpisodeResult ToWhole(EpisodeResult result)
    {
        var completions = _completions.Values.Count(completion => completion.Episode == result.Episode);
        return result with { Rewards = [.. result.Rewards, .. Enumerable.Repeat(default(StepReward), Math.Max(0, completions - result.Rewards.Length))] };
    }
}
