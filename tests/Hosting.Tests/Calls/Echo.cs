using System.Diagnostics;
using Forge.Core.Faults;
using Forge.Hosting.Tests.Wire;
using Grpc.Core;

namespace Forge.Hosting.Tests.Calls;

/// <summary>Answers what it is asked; counts; fails as often as it is told to.</summary>
internal sealed class Echo : EchoService.EchoServiceBase
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public int Failures { get; set; }

    /// <summary>The trace in which the last call was served.</summary>
    public ActivityTraceId? Trace { get; private set; }

    public override Task<EchoMessage> Repeat(EchoMessage request, ServerCallContext context) => Answer(request);

    public override Task<EchoMessage> Once(EchoMessage request, ServerCallContext context) => Answer(request);

    public override async Task Count(EchoMessage request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < 20; i++)
        {
            await responseStream.WriteAsync(new EchoMessage { Text = $"{i}" }, context.CancellationToken);
        }
    }

    private Task<EchoMessage> Answer(EchoMessage request)
    {
        Trace = Activity.Current?.TraceId;
        return Interlocked.Increment(ref _calls) <= Failures ? throw new OverloadedException("not now") : Task.FromResult(request);
    }
}
