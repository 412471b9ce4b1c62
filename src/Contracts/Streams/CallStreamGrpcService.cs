using Forge.Contracts.V1;
using Forge.Hosting.Health;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>Answers the calls of other processes' streams.</summary>
internal sealed class CallStreamGrpcService(StreamedMethods methods, ServiceState state, TimeProvider time) : CallStreamService.CallStreamServiceBase
{
    public override async Task Exchange(IAsyncStreamReader<CallBatch> requestStream, IServerStreamWriter<AnswerBatch> responseStream, ServerCallContext context)
    {
        // From here on the caller knows that its calls may have been seen.
        await context.WriteResponseHeadersAsync([]);
        using var stream = new ServedStream(methods, responseStream, context, StreamLimits.Default, time);
        using var ending = state.Draining.Register(stream.SayEnding);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            await stream.StartAsync(requestStream.Current);
        }

        await stream.FinishAsync();
    }
}
