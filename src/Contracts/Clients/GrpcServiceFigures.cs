using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Reads what services of other processes did since they started.</summary>
/// <param name="gateway">Reaches the gateway.</param>
/// <param name="rollout">Reaches the rollout engine.</param>
/// <param name="timeout">The deadline of one reading: figures are not worth waiting for.</param>
/// <param name="time">The clock of the deadlines.</param>
public sealed class GrpcServiceFigures(CallInvoker gateway, CallInvoker rollout, TimeSpan timeout, TimeProvider time)
{
    private readonly Wire.GatewayService.GatewayServiceClient _gateway = new(gateway);
    private readonly Wire.RolloutService.RolloutServiceClient _rollout = new(rollout);
    private readonly WireCalls _gatewayCalls = new("The gateway", new WireOptions { CallTimeout = timeout }, time);
    private readonly WireCalls _rolloutCalls = new("The rollout engine", new WireOptions { CallTimeout = timeout }, time);

    /// <summary>By metric name.</summary>
    public async Task<IReadOnlyDictionary<string, double>> ReadGatewayAsync(CancellationToken cancellationToken)
        => (await _gatewayCalls.UnaryAsync(call => _gateway.ReadStatisticsAsync(new Wire.ReadStatisticsRequest(), call), cancellationToken)).Figures;

    public Task<Wire.ReadStatusResponse> ReadRolloutAsync(CancellationToken cancellationToken)
        => _rolloutCalls.UnaryAsync(call => _rollout.ReadStatusAsync(new Wire.ReadStatusRequest(), call), cancellationToken);
}
