using Grpc.Core;

namespace Forge.Contracts.Streams;

/// <summary>The methods that this process answers over streams, by their full names; filled before the first call.</summary>
internal sealed class StreamedMethods : ServiceBinderBase
{
    private readonly Dictionary<string, IStreamedMethod> _methods = new(StringComparer.Ordinal);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _methods.Add(method.FullName, new StreamedMethod<TRequest, TResponse>(method, handler));
    }

    /// <exception cref="RpcException">No service of this process has it.</exception>
    public IStreamedMethod Find(string method) => _methods.GetValueOrDefault(method)
        ?? throw new RpcException(new Status(StatusCode.Unimplemented, $"'{method}' is not answered over streams here; known: {string.Join(", ", _methods.Keys)}."));
}
