using System.Collections.Immutable;
using Forge.Hosting.Health;

namespace Forge.Rollout.Serving;

/// <summary>Says whether the engine has weights, and what it does.</summary>
internal sealed class RolloutHealth(RolloutEngine engine, WeightsDesk weights, TimeProvider time) : IReadinessCheck, IStatusSource
{
    private readonly DateTimeOffset _since = time.GetUtcNow();

    public string Name => "weights";

    public ValueTask<string?> ReasonAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult(weights.Version is null ? "are not here yet; the trainer publishes them" : null);

    public StatusReport Report()
    {
        var (version, status) = (weights.Version, engine.Status);
        var doing = version is null ? "waits for its first weights" : $"decodes {status.Running} requests with version {version}, {status.Waiting} wait";
        Wait[] waits = version is null
            ? [new Wait("trainer", "the first weights", _since, "See whether the trainer runs ('forge ps'), and its log: it publishes them when it starts.")]
            : [];
        return new StatusReport("engine", doing, null, [.. waits], ImmutableSortedDictionary<string, double>.Empty
            .Add("running", status.Running).Add("waiting", status.Waiting).Add("generated_tokens", status.GeneratedTokens));
    }
}
