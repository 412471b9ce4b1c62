using System.Net.Sockets;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Forge.Cli.Services;

/// <summary>Opens one channel to each service that this process calls.</summary>
internal sealed class ServiceChannels(RunFile run, string runDirectory) : IDisposable
{
    private readonly Dictionary<ServiceName, GrpcChannel> _channels = [];
    private readonly Lock _lock = new();

    public CallInvoker To(ServiceName service)
    {
        lock (_lock)
        {
            if (!_channels.TryGetValue(service, out var channel))
            {
                _channels[service] = channel = Open(service);
            }

            var token = ServiceKeys.Token(run.Section<SecurityOptions>(), runDirectory);
            return token is null ? channel.CreateCallInvoker() : channel.CreateCallInvoker().Intercept(headers =>
            {
                headers.Add("authorization", $"Bearer {token}");
                return headers;
            });
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private GrpcChannel Open(ServiceName service)
    {
        var address = ServiceAddress.Parse(run.Section<ServicesOptions>().AddressOf(service), runDirectory);
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, ConnectTimeout = TimeSpan.FromSeconds(5) };
        if (address.SocketPath is { } path)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        return GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = (int)run.Section<SecurityOptions>().MaxRequestBytes,
        });
    }
}
