using Forge.Core.Ports;
using Forge.Core.Ring;
using Forge.DataPool.Rows;

namespace Forge.DataPool.Postgres;

/// <summary>A queued write: one of the frequent kinds (a completion, a result, a schedule event), or anything else as statements of its own.</summary>
internal sealed class PostgresWrite
{
    private readonly TaskCompletionSource<object?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<PostgresStatements, Task<object?>>? _apply;
    private object? _answer;

    // Encoded on the caller's thread: the writer's is the one that all wait for.
    public PostgresWrite(Completion completion)
    {
        Completion = completion;
        Packed = PackedCompletion.Of(completion);
        StoredId = StoredText.Write(completion.Id.Value);
        Episode = completion.Episode;
    }

    public PostgresWrite(EpisodeResult result)
    {
        Result = result;
        StoredId = StoredText.Write(result.Episode.Value);
        Episode = result.Episode;
    }

    public PostgresWrite(LoggedEvent logged) => Event = logged;

    public PostgresWrite(Func<PostgresStatements, Task<object?>> apply) => _apply = apply;

    public Completion? Completion { get; }

    public PackedCompletion? Packed { get; }

    public EpisodeResult? Result { get; }

    public LoggedEvent? Event { get; }

    /// <summary>True when many of its kind go into one statement.</summary>
    public bool IsFrequent => _apply is null;

    /// <summary>The row's key: of the completion, or of the episode that ended.</summary>
    public string StoredId { get; } = "";

    /// <summary>Whose write it is; the default for those of no episode.</summary>
    public EpisodeId Episode { get; }

    /// <summary>Completes with the answer once the transaction is committed.</summary>
    public Task<object?> Done => _done.Task;

    /// <summary>May run again when the transaction is repeated; the last answer counts.</summary>
    public async Task ApplyAsync(PostgresStatements statements) => _answer = await _apply!(statements);

    public void Answer(Receipt receipt) => _answer = receipt;

    public void Succeed() => _done.SetResult(_answer);

    public void Fail(Exception fault) => _done.SetException(fault);
}
