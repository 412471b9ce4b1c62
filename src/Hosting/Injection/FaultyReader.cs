using Grpc.Core;

namespace Forge.Hosting.Injection;

/// <summary>Reads a stream until its fault.</summary>
/// <param name="inner">The stream; null when the call never starts.</param>
/// <param name="faults">Makes the fault.</param>
/// <param name="fate">Which.</param>
/// <param name="options">Of the call.</param>
internal sealed class FaultyReader<T>(IAsyncStreamReader<T>? inner, FaultInjectionInterceptor faults, FaultDecision fate, CallOptions options)
    : IAsyncStreamReader<T>
{
    private int _read;

    public T Current => inner is null ? throw new InvalidOperationException("Nothing was read yet.") : inner.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_read == 0)
        {
            await faults.BeforeAsync(fate, options);
        }

        if (fate.Kind == FaultKind.ErrorAfter && _read >= fate.Messages)
        {
            throw FaultInjectionInterceptor.Lost();
        }

        _read++;
        return inner is not null && await inner.MoveNext(cancellationToken);
    }
}
