using System.Threading.Channels;
using Grpc.Core;

namespace Forge.Grpc.Tests.Echo;

/// <summary>What the service saw, for tests to wait on.</summary>
internal sealed class CallJournal
{
    private readonly Channel<ServerCallContext> _started = Channel.CreateUnbounded<ServerCallContext>();
    private readonly Channel<string> _cancelled = Channel.CreateUnbounded<string>();

    internal ChannelReader<ServerCallContext> Started => _started.Reader;

    internal ChannelReader<string> Cancelled => _cancelled.Reader;

    internal long Written;

    internal void Start(ServerCallContext context)
    {
        _started.Writer.TryWrite(context);
        context.CancellationToken.Register(() => _cancelled.Writer.TryWrite(context.Method));
    }
}
