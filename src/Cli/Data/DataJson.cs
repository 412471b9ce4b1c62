using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Core.Ring;
using Forge.DataPool.Archive;

namespace Forge.Cli.Data;

/// <summary>The JSON form of what is in a pool: ids as plain values, names in snake case.</summary>
internal static class DataJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Serialize<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T? Deserialize<T>(string text) => JsonSerializer.Deserialize<T>(text, Options);

    public static object Of(ArchivedGroup group) => new
    {
        Id = group.Id.Value,
        Task = group.Task.Value,
        DispatchedAt = group.DispatchedAt.Value,
        group.State,
        group.Step,
        group.Episodes,
        group.Attempts,
        group.Successes,
        group.Completions,
        group.IsPruned,
        group.Reason,
    };

    /// <summary>An episode with everything in it: one line of an export.</summary>
    public static object Of(Group group, Episode episode) => new
    {
        Group = group.Id.Value,
        Episode = episode.Id.Value,
        episode.IndexInGroup,
        Task = new { Id = group.Task.Id.Value, group.Task.Environment, Split = group.Task.Split.ToString(), group.Task.Difficulty, group.Task.Seed },
        DispatchedAt = group.DispatchedAt.Value,
        Status = episode.Result.Status.ToString(),
        Failure = episode.Result.Failure.ToString(),
        episode.Result.EndCause,
        episode.Result.Success,
        episode.Result.Detail,
        Rewards = episode.Result.Rewards.Select(reward => new { reward.Process, reward.Speed, reward.Outcome }),
        Completions = episode.Completions.Select(completion => new
        {
            Id = completion.Id.Value,
            completion.Turn,
            completion.PromptIds,
            completion.ResponseIds,
            completion.PolicyLogProbs,
            completion.BehaviorLogProbs,
            completion.TokenVersions,
            FinishReason = completion.FinishReason.ToString(),
        }),
    };
}
