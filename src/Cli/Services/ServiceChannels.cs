using Forge.Cli.Composition;
using Forge.Contracts;
using Forge.Contracts.Streams;
using Forge.Hosting.Calls;
using Forge.Hosting.Injection;
using Forge.Hosting.RunFiles;
using Forge.Hosting.Services;
using Grpc.Core;

namespace Forge.Cli.Services;

/// <summary>Opens one channel to each service that this process calls. Safe for concurrent use.</summary>
internal sealed class ServiceChannels(RunFile run, string runDirectory) : IDisposable
{
    private static readonly RepeatableMethods Repeatable = new(ForgeServices.All);

    private readonly Dictionary<ServiceName, ServiceChannel> _channels = [];
    private readonly Lock _lock = new();

    public CallInvoker To(ServiceName service)
    {
        lock (_lock)
        {
            if (!_channels.TryGetValue(service, out var channel))
            {
                _channels[service] = channel = new ServiceChannel(Parts(service));
            }

            return channel.Invoker;
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private ServiceChannelParts Parts(ServiceName service)
    {
        var security = run.Section<SecurityOptions>();
        return new ServiceChannelParts
        {
            Address = ServiceAddress.Parse(run.Section<ServicesOptions>().AddressOf(service), runDirectory),
            Security = security,
            Token = ServiceKeys.Token(security, runDirectory),
            Faults = run.Section<FaultOptions>(),
            Repeatable = Repeatable,
            Transport = connection => new StreamedCallInvoker(connection, TimeProvider.System),
            Seed = (int)(run.Section<RunOptions>().Seed & int.MaxValue),
        };
    }
}
