using Forge.Contracts.V1;
using Forge.Core.Faults;
using Grpc.Core;

namespace Forge.Contracts.Tests.Streams;

/// <summary>A service that does what a completion's id asks for, and remembers over which requests its calls came.</summary>
internal sealed class StreamedSink(StreamedSinkLog log) : EpisodeSinkService.EpisodeSinkServiceBase
{
    public override async Task<RecordResponse> Record(RecordRequest request, ServerCallContext context)
    {
        log.Requests.TryAdd(context.GetHttpContext().TraceIdentifier, context.GetHttpContext().Request.Path);
        switch (request.Completion.Id)
        {
            case "hold":
                log.Held.TrySetResult();
                await HoldAsync(context.CancellationToken);
                break;
            case "bad":
                throw new ForgeException("Completion 'bad' is bad. Send a good one.");
        }

        return new RecordResponse { Receipt = Receipt.Kept };
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            await log.LetGo.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            log.GivenUp.TrySetResult();
            throw;
        }
    }
}
