using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Forge.Hosting.Health;

/// <summary>Says for grpc.health.v1 whether the service serves: what <c>/ready</c> says, asked every two seconds; the first step of a drain ends it at once.</summary>
internal sealed class HealthBoard(IServiceProvider services, ServiceState state, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private bool _isServing;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The status of a gRPC service by its full name, or of all with the empty name; null when it is not here. And its next change.</summary>
    public (ServingStatus? Status, Task Changed) Read(string service)
    {
        var isHere = service.Length == 0 || Names().Contains(service);
        lock (_lock)
        {
            return (isHere ? _isServing ? ServingStatus.Serving : ServingStatus.NotServing : null, _changed.Task);
        }
    }

    /// <summary>Asks every readiness check now.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var reasons = await ObservationEndpoints.ReasonsAsync(services, cancellationToken);
        Enter(reasons.Count == 0);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var draining = state.Draining.Register(() => Enter(isServing: false));
        while (true)
        {
            await RefreshAsync(stoppingToken);
            await Task.Delay(Period, time, stoppingToken);
        }
    }

    // A check that was asked before the drain began does not undo it.
    private void Enter(bool isServing)
    {
        lock (_lock)
        {
            isServing &= state.Phase == ServicePhase.Ready;
            if (isServing != _isServing)
            {
                _isServing = isServing;
                _changed.SetResult();
                _changed = NewSignal();
            }
        }
    }

    private IEnumerable<string> Names()
        => services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.ServiceName).OfType<string>().Distinct();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
