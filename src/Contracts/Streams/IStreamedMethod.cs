using Google.Protobuf;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>A unary method as a stream calls it.</summary>
internal interface IStreamedMethod
{
    /// <returns>The response message.</returns>
    /// <exception cref="RpcException">The method's status, whatever it threw.</exception>
    Task<ByteString> CallAsync(ByteString request, ServerCallContext context);
}
