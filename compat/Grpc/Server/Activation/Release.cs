namespace Grpc.AspNetCore.Server;

/// <summary>Disposes what was made for one call.</summary>
internal static class Release
{
    internal static ValueTask Async(object instance)
    {
        if (instance is IAsyncDisposable asynchronous)
        {
            return asynchronous.DisposeAsync();
        }

        (instance as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
