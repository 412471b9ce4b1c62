using System.Runtime.CompilerServices;
using Forge.Contracts.V1;
using Forge.Core.Ring;
using Grpc.Core;
using Microsoft.Extensions.Hosting;

namespace Forge.Rollout.Serving;

/// <summary>Takes policies from the trainer of another process.</summary>
internal sealed class WeightsGrpcService(WeightsDesk desk, IHostApplicationLifetime lifetime) : WeightsService.WeightsServiceBase
{
    // Tells a dead listener from a quiet one.
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(10);

    public override async Task<PublishResponse> Publish(IAsyncStreamReader<PublishRequest> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken))
        {
            throw new InvalidDataException("A transfer of weights ended before its manifest.");
        }

        var version = await desk.ReceiveAsync(requestStream.Current.Manifest, ChunksAsync(requestStream, context.CancellationToken), context.CancellationToken);

        // What the desk knew already it did not read. An answer before the end of the request resets the stream, and a chunk that is on its way by
        // then ends the whole connection with everything on it (RFC 9113 §5.1: a frame on a closed stream).
        while (await requestStream.MoveNext(context.CancellationToken))
        {
        }

        return new PublishResponse { Version = version.Value };
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        // A service that ends does not wait for its listeners.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        for (var version = desk.Version; ; version = await desk.ChangedAsync(version, Pulse, end.Token))
        {
            await responseStream.WriteAsync(ToWire(version), end.Token);
        }
    }

    private static async IAsyncEnumerable<WeightsChunk> ChunksAsync(
        IAsyncStreamReader<PublishRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await requests.MoveNext(cancellationToken))
        {
            yield return requests.Current.Chunk;
        }
    }

    private static WatchResponse ToWire(PolicyVersion? version)
    {
        var response = new WatchResponse();
        if (version is { } known)
        {
            response.Version = known.Value;
        }

        return response;
    }
}
