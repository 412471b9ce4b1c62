using System.Collections.Concurrent;
using Forge.Contracts.V1;
using Grpc.Core;

namespace Forge.Contracts.Tests.Ports;

/// <summary>A pool's end of the wire that holds its first call until it is let go, and answers by the completions' ids.</summary>
internal sealed class ScriptedSinkService : EpisodeSinkService.EpisodeSinkServiceBase
{
    private readonly ConcurrentQueue<string[]> _calls = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The ids of each call, in order.</summary>
    public IReadOnlyList<string[]> Calls => [.. _calls];

    /// <summary>Ends when the first call is here.</summary>
    public Task Reached => _reached.Task;

    public void LetGo() => _open.SetResult();

    public override async Task<RecordResponse> Record(RecordRequest request, ServerCallContext context)
    {
        _calls.Enqueue([.. request.Completions.Select(completion => completion.Id)]);
        _reached.TrySetResult();
        await _open.Task.WaitAsync(context.CancellationToken);
        return request.Completions.Any(completion => completion.Id.StartsWith("bad", StringComparison.Ordinal))
            ? throw new RpcException(new Status(StatusCode.InvalidArgument, "One of these is bad."))
            : new RecordResponse { Receipts = { request.Completions.Select(Of) } };
    }

    private static Receipt Of(Completion completion) => completion.Id.Split('-')[0] switch
    {
        "again" => Receipt.Duplicate,
        "old" => Receipt.Stale,
        _ => Receipt.Kept,
    };
}
