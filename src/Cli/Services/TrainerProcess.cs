using Forge.Cli.Composition;
using Forge.Cli.Display;
using Forge.Cli.History;
using Forge.Cli.Terminal;
using Forge.Contracts;
using Forge.Contracts.Clients;
using Forge.Core.Ports;
using Forge.DataPool;
using Forge.Hosting.Runs;
using Forge.Hosting.Services;
using Forge.Hosting.Supervision;
using Forge.Trainer;
using Forge.Trainer.Loop;
using Forge.Trainer.Steps;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Cli.Services;

/// <summary>The trainer: takes groups from the data pool, publishes to the rollout engine, has the agent side evaluate; nobody calls it.</summary>
internal sealed class TrainerProcess : IServiceProcess
{
    private static readonly TimeSpan FiguresTimeout = TimeSpan.FromSeconds(2);

    public void Add(WebApplicationBuilder builder, ServiceContext context)
    {
        context.AddReachable(builder.Services, ServiceName.DataPool, ServiceName.Rollout, ServiceName.AgentSide);
        builder.Services
            .AddRemoteDataPool(_ => context.Channels.To(ServiceName.DataPool))
            .AddWitnesses(context)
            .AddRemoteRollout(_ => context.Channels.To(ServiceName.Rollout))
            .AddRemoteAgentSide(_ => context.Channels.To(ServiceName.AgentSide))
            .AddLoop("train loop", (provider, stop) => TrainAsync(provider, context, stop));
    }

    public void Map(WebApplication app)
    {
    }

    private static async Task TrainAsync(IServiceProvider provider, ServiceContext context, CancellationToken stop)
    {
        using var watching = new CancellationTokenSource();
        var weights = provider.GetRequiredService<GrpcPolicySink>();
        var watch = weights.KeepAsync(watching.Token);
        try
        {
            await TrainAsync(provider, context, weights, stop);
        }
        finally
        {
            await watching.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task TrainAsync(IServiceProvider provider, ServiceContext context, IPolicySink weights, CancellationToken stop)
    {
        var run = context.Run;
        var (policy, model, time) = (PolicyFolder.OpenFor(run), run.Section<ModelOptions>(), TimeProvider.System);
        using var directory = RunDirectory.OpenFor(context.RunDirectory, ServiceName.Trainer);
        using var display = TrainingDisplays.For(OutputMode.Plain, time);
        CheckpointSpace.Require(run, directory, policy);
        var (source, window) = (provider.GetRequiredService<IBatchSource>(), run.Section<DataPoolOptions>().ResolvedWindow);
        var published = new FiguresAtPublish(
            weights, new GrpcServiceFigures(context.Channels.To(ServiceName.Gateway), context.Channels.To(ServiceName.Rollout), FiguresTimeout, time), time);
        using var network = policy.LoadModel(model.Device, model.Dtype);
        using var optimizer = new PolicyOptimizer(network, run.Section<TrainerOptions>());
        var record = new TrainingRecord(directory, TrainingFactsOf.Run(run, directory.Path, policy), time);
        var summary = await new LoopRunner(run, directory, record, display, time).RunAsync(
            resume: true,
            (checkpoints, metrics) => new TrainLoopParts
            {
                Model = network,
                Optimizer = optimizer,
                Source = source,
                GroupsPerBatch = run.Section<DataPoolOptions>().GroupsPerBatch,
                Policy = published,
                Evaluator = new ObservedEvaluator(provider.GetRequiredService<IPolicyEvaluator>(), display, record.Evaluated),
                Checkpoints = checkpoints,
                Metrics = new CompositionMetrics(
                    () => published.Newest, () => (double)source.Status.FinishedInWindow / window, time, metrics),
                TokenizerPath = policy.TokenizerPath,
            },
            loop => loop.RunAsync(resume: true, stop));
        if (summary.Finished)
        {
            new RunProcesses(context.RunDirectory).MarkFinished(ServiceNames.Of(ServiceName.Trainer));
        }
    }
}
