using Forge.Hosting.Calls;
using Forge.Hosting.Services;

namespace Forge.Hosting.Health;

/// <summary>Says whether a service that this one calls lives; not whether that one is ready, so that nobody waits in a circle.</summary>
public sealed class ReachableCheck(ServiceName service, ServiceAddress address, TlsOptions tls) : IReadinessCheck, IDisposable
{
    private readonly HealthProbe _probe = new(address, tls);

    public string Name => ServiceNames.Of(service);

    public async ValueTask<string?> ReasonAsync(CancellationToken cancellationToken)
        => await _probe.AnswersAsync(cancellationToken) ? null : $"does not answer at {address}";

    public void Dispose() => _probe.Dispose();
}
