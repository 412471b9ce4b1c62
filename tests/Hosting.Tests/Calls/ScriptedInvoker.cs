using Grpc.Core;

namespace Forge.Hosting.Tests.Calls;

/// <summary>Answers unary calls from a script: null answers, a status fails.</summary>
internal sealed class ScriptedInvoker(Func<int, Status?> script) : CallInvoker
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public CallOptions LastOptions { get; private set; }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        LastOptions = options;
        var status = script(Interlocked.Increment(ref _calls) - 1);
        var response = status is { } failure ? Task.FromException<TResponse>(new RpcException(failure)) : Task.FromResult((TResponse)(object)"answer");
        return new AsyncUnaryCall<TResponse>(response, Task.FromResult<Metadata>([]), () => status ?? Status.DefaultSuccess, () => [], () => { });
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        => throw new NotSupportedException();

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        => throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        => throw new NotSupportedException();
}
