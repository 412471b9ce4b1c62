using Forge.Echo;
using Google.Protobuf;
using Grpc.Core;

namespace Forge.Cli.Bench.Rpc;

/// <summary>The two methods of eng/grpc-js/echo.proto that the benchmark calls.</summary>
internal sealed class GrpcEcho : EchoService.EchoServiceBase
{
    public override Task<EchoResponse> Unary(EchoRequest request, ServerCallContext context)
        => Task.FromResult(new EchoResponse { Payload = request.Payload, Requests = 1, Bytes = request.Payload.Length });

    public override async Task Expand(EchoRequest request, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        for (var index = 0; index < request.Count; index++)
        {
            var payload = UnsafeByteOperations.UnsafeWrap(new byte[request.ResponseBytes]);
            await responseStream.WriteAsync(new EchoResponse { Payload = payload, Index = index });
        }
    }
}
