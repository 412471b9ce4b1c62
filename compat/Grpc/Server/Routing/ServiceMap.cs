using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.AspNetCore.Server;

/// <summary>Collects the endpoints of one service.</summary>
internal sealed class ServiceMap
{
    private readonly IEndpointRouteBuilder _builder;
    private readonly EffectiveOptions _options;
    private readonly ILogger _logger;
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);

    private ServiceMap(IEndpointRouteBuilder builder, EffectiveOptions options)
    {
        _builder = builder;
        _options = options;
        _logger = builder.ServiceProvider.GetService<ILoggerFactory>()?.CreateLogger("Grpc.AspNetCore.Server") ?? NullLogger.Instance;
    }

    internal static ServiceMap Create(IEndpointRouteBuilder builder, Func<IServiceProvider, EffectiveOptions> options)
        => builder.ServiceProvider.GetService<GrpcServerMarker>() is not null
            ? new ServiceMap(builder, options(builder.ServiceProvider))
            : throw new InvalidOperationException("gRPC's services are not registered: call IServiceCollection.AddGrpc before the application is built.");

    internal void Add<TRequest, TResponse>(
        Type service, Method<TRequest, TResponse> method, object[] metadata, UnaryServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => Map(service, method, metadata, new UnaryCallHandler<TRequest, TResponse>(
            method, _options, _logger, InterceptorPipeline.Wrap(_options.Interceptors, handler)).HandleAsync);

    internal void Add<TRequest, TResponse>(
        Type service, Method<TRequest, TResponse> method, object[] metadata, ClientStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => Map(service, method, metadata, new ClientStreamingCallHandler<TRequest, TResponse>(
            method, _options, _logger, InterceptorPipeline.Wrap(_options.Interceptors, handler)).HandleAsync);

    internal void Add<TRequest, TResponse>(
        Type service, Method<TRequest, TResponse> method, object[] metadata, ServerStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => Map(service, method, metadata, new ServerStreamingCallHandler<TRequest, TResponse>(
            method, _options, _logger, InterceptorPipeline.Wrap(_options.Interceptors, handler)).HandleAsync);

    internal void Add<TRequest, TResponse>(
        Type service, Method<TRequest, TResponse> method, object[] metadata, DuplexStreamingServerMethod<TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class
        => Map(service, method, metadata, new DuplexStreamingCallHandler<TRequest, TResponse>(
            method, _options, _logger, InterceptorPipeline.Wrap(_options.Interceptors, handler)).HandleAsync);

    /// <summary>Answers for methods that are not there, of these services and, once per application, of any other.</summary>
    internal GrpcServiceEndpointConventionBuilder Finish()
    {
        if (!_options.IgnoreUnknownServices)
        {
            foreach (var service in _services)
            {
                _endpoints.Add(MapUnimplemented($"/{service}/{{unimplementedMethod}}", "Method is unimplemented."));
            }

            if (_builder.ServiceProvider.GetRequiredService<GrpcServerMarker>().IsFirstIn(_builder))
            {
                MapUnimplemented("{unimplementedService}/{unimplementedMethod}", "Service is unimplemented.");
            }
        }

        return new GrpcServiceEndpointConventionBuilder(_endpoints);
    }

    private void Map(Type service, IMethod method, object[] metadata, RequestDelegate handle)
    {
        _services.Add(method.ServiceName);
        var endpoint = _builder.Map(RoutePatternFactory.Parse(method.FullName), handle);
        endpoint.Add(built =>
        {
            built.DisplayName = $"gRPC - {method.FullName}";
            built.Metadata.Add(new GrpcMethodMetadata(service, method));
            built.Metadata.Add(new HttpMethodMetadata(["POST"]));
            foreach (var one in metadata)
            {
                built.Metadata.Add(one);
            }
        });
        _endpoints.Add(endpoint);
    }

    private IEndpointConventionBuilder MapUnimplemented(string pattern, string detail)
    {
        var constrained = RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: new { unimplementedMethod = new GrpcRouteConstraint() });
        return _builder.Map(constrained, http => GrpcRequest.Unimplemented(http, detail))
            .WithDisplayName($"gRPC - Unimplemented {pattern}")
            .WithMetadata(new HttpMethodMetadata(["POST"]));
    }
}
