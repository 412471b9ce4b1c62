using Forge.Hosting.Calls;
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
        return GrpcChannel.ForAddress(address.Uri, new GrpcChannelOptions
        {
            HttpHandler = ServiceSockets.Handler(address, run.Section<SecurityOptions>().Tls),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = (int)run.Section<SecurityOptions>().MaxRequestBytes,
        });
    }
}
