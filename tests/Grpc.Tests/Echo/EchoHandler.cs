using Google.Protobuf;
using Grpc.Core;

namespace Forge.Grpc.Tests.Echo;

/// <summary>The service of echo.proto.</summary>
internal sealed class EchoHandler(CallJournal journal) : EchoService.EchoServiceBase
{
    internal const string DetailsKey = "grpc-status-details-bin";

    public override async Task<EchoResponse> Unary(EchoRequest request, ServerCallContext context)
    {
        await BeginAsync(context);
        await ObeyAsync(request, context);
        return Response(request, 0, 1, request.Payload.Length);
    }

    public override async Task<EchoResponse> Collect(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        await BeginAsync(context);
        var (requests, bytes, last) = (0, 0L, new EchoRequest());
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            (requests, bytes, last) = (requests + 1, bytes + request.Payload.Length, request);
            await ObeyAsync(request, context);
        }

        return Response(last, 0, requests, bytes);
    }

    public override async Task Expand(EchoRequest request, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        await BeginAsync(context);
        for (var index = 0; index < request.Count; index++)
        {
            await responseStream.WriteAsync(Response(request, index, 1, request.Payload.Length));
            Interlocked.Increment(ref journal.Written);
        }

        await ObeyAsync(request, context);
    }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        await BeginAsync(context);
        var (requests, bytes) = (0, 0L);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var request = requestStream.Current;
            await ObeyAsync(request, context);
            bytes += request.Payload.Length;
            await responseStream.WriteAsync(Response(request, requests, ++requests, bytes));
        }
    }

    private async Task BeginAsync(ServerCallContext context)
    {
        journal.Start(context);
        var headers = new Metadata();
        foreach (var entry in context.RequestHeaders.Where(entry => entry.Key.StartsWith("echo-", StringComparison.Ordinal)))
        {
            headers.Add(entry);
            context.ResponseTrailers.Add(entry);
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
    }

    private static async Task ObeyAsync(EchoRequest request, ServerCallContext context)
    {
        if (request.Wait)
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }

        if (request.Status != 0)
        {
            Metadata details = [new Metadata.Entry(DetailsKey, request.Payload.ToByteArray())];
            throw new RpcException(new Status((StatusCode)request.Status, request.Detail), details);
        }
    }

    private static EchoResponse Response(EchoRequest request, int index, int requests, long bytes)
        => new()
        {
            Payload = request.ResponseBytes > 0 ? UnsafeByteOperations.UnsafeWrap(new byte[request.ResponseBytes]) : request.Payload,
            Index = index,
            Requests = requests,
            Bytes = bytes,
        };
}
