using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Forge.Gateway.Sessions;

/// <summary>How agents that nobody wrote for Forge are understood: <c>gateway.http.sessions</c>.</summary>
public sealed class SessionOptions
{
    /// <summary>Thinking that a client left out of its history is put back where the answer is known again.</summary>
    public bool ReattachReasoning { get; init; } = true;

    /// <summary>A call without tools whose instructions hold one of these texts is one on the side, even when it is the episode's first.</summary>
    public ImmutableArray<string> SidePrompts { get; init; } = ["title generator", "generate a title"];

    /// <summary>Calls on the side are recorded for training as well.</summary>
    public bool TrainSideCalls { get; init; }

    /// <summary>Tokens are drawn as this section says, whatever the agent asks for; false draws as asked.</summary>
    public bool OverrideSampling { get; init; } = true;

    /// <summary>Softmax temperature in place of the asked one; 0 is greedy.</summary>
    [Range(0.0, 100.0)]
    public double Temperature { get; init; } = 1.0;

    /// <summary>Keeps the most likely tokens up to this total probability; 1 keeps all.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TopP { get; init; } = 1.0;

    /// <summary>Keeps this many most likely tokens; 0 keeps all.</summary>
    [Range(0, int.MaxValue)]
    public int TopK { get; init; }

    /// <summary>How long a call is held while the engine or the pool is away before its client is told to come back later.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan HoldFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long an answer is kept for a client that asks again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "24:00:00")]
    public TimeSpan ReplayFor { get; init; } = TimeSpan.FromMinutes(5);
}
