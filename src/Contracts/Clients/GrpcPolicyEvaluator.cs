using Forge.Contracts.Mapping;
using Forge.Core.Ports;
using Forge.Core.Ring;
using Grpc.Core;
using Wire = Forge.Contracts.V1;

namespace Forge.Contracts.Clients;

/// <summary>Has policies evaluated by an agent side of another process; asks until the report is there.</summary>
public sealed class GrpcPolicyEvaluator(CallInvoker invoker, WireOptions options, TimeProvider time) : IPolicyEvaluator
{
    private readonly Wire.EvaluatorService.EvaluatorServiceClient _client = new(invoker);
    private readonly WireCalls _calls = new("The agent side", options, time);

    public Task<EvaluationReport> EvaluateAsync(PolicyVersion version, CancellationToken cancellationToken)
    {
        var request = new Wire.EvaluateRequest { Version = version.Value, Id = Guid.NewGuid().ToString("N"), WaitTicks = options.PollWait.Ticks };
        return _calls.PollAsync(token => AskAsync(request, token), cancellationToken);
    }

    private async Task<EvaluationReport?> AskAsync(Wire.EvaluateRequest request, CancellationToken cancellationToken)
    {
        using var call = _client.Evaluate(request, _calls.For(options.PollWait + options.TransferTimeout, cancellationToken));
        var parts = new List<Wire.EvaluateResponse>();
        await foreach (var part in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            parts.Add(part);
        }

        return parts.Count == 0 ? null : parts.ToCore();
    }
}
