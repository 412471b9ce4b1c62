using Forge.Hosting.Faults;
using Google.Protobuf;
using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>Calls one method of a service the way a call of its own would: the same messages, the same faults.</summary>
internal sealed class StreamedMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler) : IStreamedMethod
    where TRequest : class
    where TResponse : class
{
    private static readonly FaultServerInterceptor Faults = new();

    public async Task<ByteString> CallAsync(ByteString request, ServerCallContext context)
    {
        var message = method.RequestMarshaller.Deserializer(request.ToByteArray());
        var response = await Faults.UnaryServerHandler(message, context, handler);
        return UnsafeByteOperations.UnsafeWrap(method.ResponseMarshaller.Serializer(response));
    }
}
