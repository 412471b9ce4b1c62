using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Takes the responses of a call. One writer at a time.</summary>
internal sealed class ServerStreamWriter<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken) => call.WriteAsync(marshaller, message, WriteOptions, cancellationToken);
}
