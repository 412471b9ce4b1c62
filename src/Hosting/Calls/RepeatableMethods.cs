using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Forge.Hosting.Calls;

/// <summary>Knows which calls may be made twice: those whose proto says <c>option idempotency_level</c>.</summary>
public sealed class RepeatableMethods
{
    private readonly FrozenSet<string> _names;

    /// <param name="services">The services whose methods are asked; others are never repeated.</param>
    public RepeatableMethods(params IEnumerable<ServiceDescriptor> services)
        => _names = services.SelectMany(service => service.Methods)
            .Where(method => method.GetOptions() is { IdempotencyLevel: not MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown })
            .Select(method => $"/{method.Service.FullName}/{method.Name}").ToFrozenSet(StringComparer.Ordinal);

    public bool Contains(IMethod method) => _names.Contains(method.FullName);
}
