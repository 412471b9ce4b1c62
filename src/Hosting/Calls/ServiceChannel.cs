using Forge.Hosting.Injection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Forge.Hosting.Calls;

/// <summary>The one way to call a service. Safe for any number of threads; one for each service called.</summary>
/// <remarks>
/// <code>
/// call ─▶ deadline required ─▶ retries, circuit ─▶ injected faults ─▶ transport ─▶ key ─▶ HTTP/2 connections
/// </code>
/// The trace context goes along by itself: the HTTP client writes the W3C header of the current activity.
/// </remarks>
public sealed class ServiceChannel : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly IDisposable? _transport;

    /// <exception cref="Forge.Core.Faults.ForgeException">The certificates can't be read.</exception>
    public ServiceChannel(ServiceChannelParts parts)
    {
        _channel = GrpcChannel.ForAddress(parts.Address.Uri, new GrpcChannelOptions
        {
            HttpHandler = ServiceSockets.Handler(parts.Address, parts.Security.Tls),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = (int)Math.Min(parts.Security.MaxRequestBytes, int.MaxValue),
        });
        var invoker = _channel.CreateCallInvoker();
        invoker = parts.Token is { } token ? invoker.Intercept(new BearerInterceptor(token)) : invoker;
        invoker = parts.Transport?.Invoke(invoker) ?? invoker;
        _transport = invoker as IDisposable;
        invoker = parts.Faults.IsOn ? invoker.Intercept(new FaultInjectionInterceptor(new FaultPlan(parts.Faults), parts.Time)) : invoker;
        Invoker = invoker
            .Intercept(new RetryInterceptor(parts.Repeatable, parts.Time, new Random(parts.Seed)))
            .Intercept(new DeadlineInterceptor());
    }

    /// <summary>Makes calls; generated clients take it.</summary>
    public CallInvoker Invoker { get; }

    public void Dispose()
    {
        _transport?.Dispose();
        _channel.Dispose();
    }
}
