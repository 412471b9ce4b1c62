using System.ComponentModel.DataAnnotations;

namespace Forge.AgentSide.OpenEnv;

/// <summary>Settings of the <c>open_env</c> environment: a server of the OpenEnv protocol.</summary>
public sealed class OpenEnvOptions : IValidatableObject
{
    /// <summary>The server's address, such as <c>http://127.0.0.1:8000</c>.</summary>
    public string Url { get; init; } = "";

    /// <summary>The system message; what the server shows after its reset stands below the user's.</summary>
    public string Instruction { get; init; } = "Act with the tool step until the episode is over, then answer.";

    /// <summary>Episodes that the server has at a time; its own bound, <c>max_concurrent_envs</c>, is 1 unless it was raised.</summary>
    [Range(1, 10_000)]
    public int Sessions { get; init; } = 1;

    /// <summary>Which rewards make the outcome.</summary>
    public OpenEnvReward Reward { get; init; } = OpenEnvReward.Sum;

    /// <summary>The reward that is an outcome of 0.</summary>
    [Range(-1e9, 1e9)]
    public double LowestReward { get; init; }

    /// <summary>The reward that is an outcome of 1.</summary>
    [Range(-1e9, 1e9)]
    public double HighestReward { get; init; } = 1;

    /// <summary>From this reward on, the task counts as solved.</summary>
    [Range(-1e9, 1e9)]
    public double SuccessAt { get; init; } = 1;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the answer to one message.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A larger message from the server ends the episode.</summary>
    [Range(1024, 100 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url.Length > 0 && (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")))
        {
            yield return new ValidationResult($"'{Url}' is no address; write one such as http://127.0.0.1:8000", [nameof(Url)]);
        }

        if (!(HighestReward > LowestReward))
        {
            yield return new ValidationResult(
                FormattableString.Invariant($"{HighestReward} is not more than lowest_reward ({LowestReward})"), [nameof(HighestReward)]);
        }
    }
}
