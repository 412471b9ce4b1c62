using System.Reflection;
using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>Finds the generated code that a service's implementation derives from.</summary>
internal static class ServiceDescriber
{
    /// <summary>Hands every method of the service to the binder, without an instance.</summary>
    internal static void Bind<TService>(ServiceBinderBase binder)
    {
        var (attribute, generated) = Find(typeof(TService)) ?? throw new InvalidOperationException(
            $"{typeof(TService)} is no gRPC service: no class that it derives from has a {nameof(BindServiceMethodAttribute)}.");
        var bind = attribute.BindType.GetMethod(
            attribute.BindMethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, [typeof(ServiceBinderBase), generated])
            ?? throw new InvalidOperationException($"{attribute.BindType} has no method {attribute.BindMethodName}(ServiceBinderBase, {generated.Name}).");
        bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [binder, null], null);
    }

    /// <summary>The generated class that holds the service's descriptor; null when the type is no service.</summary>
    internal static Type? GeneratedClass(Type service) => Find(service)?.Attribute.BindType;

    private static (BindServiceMethodAttribute Attribute, Type Generated)? Find(Type service)
    {
        for (var type = service; type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute)
            {
                return (attribute, type);
            }
        }

        return null;
    }
}
