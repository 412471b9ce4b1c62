using System.ComponentModel.DataAnnotations;

namespace Forge.Rollout;

/// <summary>The run file's <c>rollout</c> section: how the engine that answers the agents is sized.</summary>
public sealed class RolloutOptions
{
    /// <summary>
    /// Completions that decode together, and sessions that keep their KV between turns; more sessions evict the longest idle.
    /// </summary>
    [Range(1, 4096)]
    public int Slots { get; init; } = 64;

    /// <summary>Slots beside those, for prefixes that many sessions share.</summary>
    [Range(0, 64)]
    public int SharedPrefixes { get; init; } = 4;

    /// <summary>Most tokens of one sequence, prompt and response together.</summary>
    [Range(16, 1_048_576)]
    public int MaxContext { get; init; } = 4096;

    /// <summary>
    /// Most prompt tokens computed in one step beside the running completions; smaller steps answer sooner, larger ones do more.
    /// </summary>
    [Range(1, 65_536)]
    public int PrefillBudget { get; init; } = 512;

    /// <summary>Requests that may wait for a slot; further callers wait to hand theirs in.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>
    /// Most threads of a step; 0 is one per processor. A step takes fewer when measurements say that fewer are faster.
    /// </summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Keeps the experts that were chosen at every position that predicted a response token.</summary>
    public bool RecordRouting { get; init; }

    /// <summary>
    /// True: a session's KV stays in use when newer weights arrive (in-flight update). False: a new turn recomputes KV of older versions;
    /// a running completion keeps its KV either way.
    /// </summary>
    public bool ReuseStaleKv { get; init; } = true;

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c> (the second GPU).</summary>
    [RegularExpression("cpu|cuda(:[0-9]+)?")]
    public string Device { get; init; } = "cpu";

    /// <summary><c>float32</c>, <c>bfloat16</c> or <c>float64</c>; the CPU's fused decoder serves float32.</summary>
    [AllowedValues("float32", "bfloat16", "float64")]
    public string Dtype { get; init; } = "float32";
}
