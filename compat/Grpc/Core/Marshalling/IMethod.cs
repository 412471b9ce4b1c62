namespace Grpc.Core;

/// <summary>A method without its message types.</summary>
public interface IMethod
{
    MethodType Type { get; }

    string ServiceName { get; }

    string Name { get; }

    /// <summary>The path of its requests: <c>/package.Service/Method</c>.</summary>
    string FullName { get; }
}
