using System.Diagnostics;
using Forge.AgentSide.Records;
using Forge.Core.Ring;
using Forge.Core.Tracing;
using Forge.DataPool.Sqlite;
using Forge.DataPool.Stores;
using Forge.Gateway;
using Forge.Scenarios.Tests.Fabrics;
using Forge.TestKit;
using Forge.Trainer;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;

namespace Forge.Scenarios.Tests.Ring;

/// <summary>One short training run on <c>records</c>, and all that it left behind.</summary>
public abstract class RingRun(Fabric fabric) : IAsyncLifetime
{
    public const int Steps = 5;

    private readonly TemporaryFolder _folder = new();

    internal TrainOutcome Outcome { get; private set; } = null!;

    internal WatchedEngine Engine { get; private set; } = null!;

    internal GatewayStatistics Gateway { get; private set; } = null!;

    internal RecordingMetrics Metrics { get; private set; } = null!;

    internal MismatchReport Mismatch { get; private set; } = null!;

    internal IReadOnlyList<Consumption> Consumptions { get; private set; } = [];

    /// <summary>Every group that was trained on, as the pool has it.</summary>
    internal IReadOnlyList<Group> Trained { get; private set; } = [];

    internal IEnumerable<Completion> TrainedCompletions => Trained.SelectMany(group => group.Episodes).SelectMany(episode => episode.Completions);

    /// <summary>Everything that was traced meanwhile.</summary>
    internal IReadOnlyList<Activity> Spans { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        using var spans = new SpanRecorder(RingTrace.SourceName);
        var environment = new RecordsEnvironment(new RecordsOptions { MaxHops = 2 });
        var policy = SmallPolicy.Make(environment, _folder.File("base"), steps: 150);
        var ring = await WholeRing.OpenAsync(
            _folder.Path, policy, environment, new TrainerOptions { Steps = Steps, LearningRate = 1e-3, EvaluateEvery = 0, MicroBatchTokens = 2048, ExactnessEvery = 1 }, fabric);
        await using (ring)
        {
            Outcome = await ring.RunAsync(TestContext.Current.CancellationToken);
            (Engine, Gateway, Metrics, Mismatch) = (ring.Engine, ring.TrainingGateway.Statistics, ring.Metrics, ring.Mismatch());
        }

        Spans = spans.Spans;
        await using var store = SqliteEpisodeStore.Open(ring.PoolPath, TimeProvider.System);
        Consumptions = await store.ReadConsumptionsAsync(CancellationToken.None);
        var trained = new List<Group>();
        foreach (var consumption in Consumptions.Where(consumption => consumption.Kind == ConsumptionKind.Trained))
        {
            trained.Add(await store.ReadGroupAsync(consumption.Group, CancellationToken.None));
        }

        Trained = trained;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
