using Forge.AgentSide.Environments;
using Forge.AgentSide.Rewards;
using Forge.Core.Faults;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.Core.Tracing;

namespace Forge.AgentSide.Agents;

/// <summary>
/// Plays one episode from the open environment to the posted result, and says whose fault a bad end was: the agent's (trained on),
/// the environment's or the machinery's (never trained on).
/// </summary>
/// <param name="environment">Where the tasks come from.</param>
/// <param name="agent">Who plays.</param>
/// <param name="sink">Keeps how episodes end.</param>
/// <param name="options">Limits and rewards.</param>
/// <param name="time">The clock.</param>
public sealed class EpisodeRunner(
    IEnvironment environment, IAgent agent, IEpisodeSink sink, EpisodeRunnerOptions options, TimeProvider time)
{
    private readonly EpisodeRewards _rewards = new(options.Rewards);

    /// <summary>Lets Forge's own <see cref="ToolAgent"/> play.</summary>
    public EpisodeRunner(IEnvironment environment, IChatGateway gateway, IEpisodeSink sink, EpisodeRunnerOptions options, TimeProvider time)
        : this(environment, new ToolAgent(gateway, options.Limits), sink, options, time)
    {
    }

    public IEnvironment Environment => environment;

    /// <summary>Plays and posts; when cancelled, nothing is posted and the episode's lease runs out.</summary>
    public async Task<EpisodeResult> RunAsync(EpisodePlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var session = new AgentSession(plan.Episode, environment, plan.Task, plan.Sampling);
        using var span = RingTrace.StartEpisode(plan.Episode, plan.Task.Reference);
        try
        {
            var result = await PlayAsync(plan, session, cancellationToken);
            RingTrace.EndEpisode(span, result);
            await sink.FinishAsync(result, cancellationToken);
            return result;
        }
        finally
        {
            agent.End(plan.Episode);
        }
    }

    private async Task<EpisodeResult> PlayAsync(EpisodePlan plan, AgentSession session, CancellationToken cancellationToken)
    {
        using var clock = new EpisodeClock(options.Limits.Timeout, time, cancellationToken);
        var score = EnvironmentScore.Unsolved;
        AgentOutcome outcome;
        try
        {
            using var instance = Guarded(() => environment.Open(plan.Task, plan.EnvironmentSeed));
            session.Open(await BeginAsync(instance, clock));
            outcome = await agent.PlayAsync(session, instance, clock);
            score = outcome.Posted ?? Guarded(() => instance.Score(outcome.Status == EpisodeStatus.AgentFailure ? "" : outcome.Text));
        }
        catch (EnvironmentFaultException fault)
        {
            outcome = new AgentOutcome(EpisodeStatus.EnvironmentFailure, EndCauses.EnvironmentError, fault.Message);
        }
        catch (ForgeException fault)
        {
            outcome = new AgentOutcome(EpisodeStatus.InfrastructureFailure, EndCauses.GatewayError, fault.Message);
        }

        return Result(plan, session, outcome, score, clock.Elapsed);
    }

    // Nobody has played yet: whatever goes wrong is the environment's.
    private static async Task<string> BeginAsync(IEnvironmentInstance instance, EpisodeClock clock)
    {
        try
        {
            return await instance.BeginAsync(clock.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || clock.IsOver)
        {
            throw new EnvironmentFaultException($"The environment did not begin: {fault.Message}", fault);
        }
    }

    private static T Guarded<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            throw new EnvironmentFaultException($"The environment threw: {fault.Message}", fault);
        }
    }

    private EpisodeResult Result(
        EpisodePlan plan, AgentSession session, AgentOutcome outcome, EnvironmentScore score, TimeSpan elapsed)
    {
        var result = new EpisodeResult
        {
            Episode = plan.Episode,
            Status = outcome.Status,
            EndCause = outcome.Cause,
            Success = score.Success,
            Rewards = [],
            ToolCalls = session.Steps.Sum(step => step.ToolCalls),
            ToolErrors = session.Steps.Sum(step => step.ToolErrors),
            Elapsed = elapsed,
            Detail = outcome.Text,
        };
        return result.IsBroken ? result : result with { Rewards = _rewards.Of(session.Steps, score, plan.Task, elapsed) };
    }
}
