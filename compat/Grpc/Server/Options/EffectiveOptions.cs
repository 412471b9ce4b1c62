using System.IO.Compression;
using Grpc.Net.Compression;
using Grpc.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server;

/// <summary>The options of one service: its own where set, else those for all services. Made once, when the service is mapped.</summary>
internal sealed class EffectiveOptions
{
    private EffectiveOptions(GrpcServiceOptions all, GrpcServiceOptions own)
    {
        MaxSendMessageSize = own.MaxSendMessageSizeSpecified ? own.MaxSendMessageSize : all.MaxSendMessageSize;
        MaxReceiveMessageSize = own.MaxReceiveMessageSizeSpecified ? own.MaxReceiveMessageSize
            : all.MaxReceiveMessageSizeSpecified ? all.MaxReceiveMessageSize
            : GrpcProtocol.DefaultMaxReceiveMessageSize;
        EnableDetailedErrors = own.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false;
        Compressions = new CompressionSet(own.CompressionProviders ?? all.CompressionProviders);
        ResponseEncoding = Compressions.Find(own.ResponseCompressionAlgorithm ?? all.ResponseCompressionAlgorithm);
        ResponseCompressionLevel = own.ResponseCompressionLevel ?? all.ResponseCompressionLevel;
        IgnoreUnknownServices = own.IgnoreUnknownServices ?? all.IgnoreUnknownServices ?? false;
        Interceptors = [.. all.Interceptors, .. own.Interceptors];
    }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal bool EnableDetailedErrors { get; }

    internal CompressionSet Compressions { get; }

    /// <summary>Null for identity.</summary>
    internal ICompressionProvider? ResponseEncoding { get; }

    internal CompressionLevel? ResponseCompressionLevel { get; }

    internal bool IgnoreUnknownServices { get; }

    internal IReadOnlyList<InterceptorRegistration> Interceptors { get; }

    internal static EffectiveOptions ForAll(IServiceProvider services)
        => new(services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value, new GrpcServiceOptions());

    internal static EffectiveOptions For<TService>(IServiceProvider services)
        where TService : class
        => new(
            services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value,
            services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value);
}
