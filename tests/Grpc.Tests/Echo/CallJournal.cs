using System.Threading.Channels;
using Grpc.Core;

namespace Forge.Grpc.Tests.Echo;

/// <summary>What the service saw, for tests to wait on.</summary>
internal sealed class CallJournal
{
    private readonly Channel<SeenCall> _started = Channel.CreateUnbounded<SeenCall>();
    private readonly Channel<string> _cancelled = Channel.CreateUnbounded<string>();

    internal ChannelReader<SeenCall> Started => _started.Reader;

    internal ChannelReader<string> Cancelled => _cancelled.Reader;

    /// <summary>Responses of streams that were written.</summary>
    internal long Written;

    internal void Start(ServerCallContext context)
    {
        _started.Writer.TryWrite(new SeenCall(
            context.Deadline,
            context.Peer,
            context.AuthContext.PeerIdentity.FirstOrDefault()?.Value,
            context.GetHttpContext().User.Identity?.Name,
            context.RequestHeaders,
            context.CreatePropagationToken()));
        context.CancellationToken.Register(() => _cancelled.Writer.TryWrite(context.Method));
    }
}
