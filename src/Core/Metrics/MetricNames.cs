namespace Forge.Core.Metrics;

/// <summary>Names every figure of a step (docs/metrics.md). Researchers know these from other systems; they never change their meaning.</summary>
public static class MetricNames
{
    public const string RewardMean = "reward/mean";
    public const string RewardMin = "reward/min";
    public const string RewardMax = "reward/max";
    public const string RewardStd = "reward/std";

    /// <summary>Fraction of the trained episodes whose outcome the verifier accepted.</summary>
    public const string Success = "reward/success";

    /// <summary>Fraction of the taken groups in which all returns were equal (they teach nothing and are refilled).</summary>
    public const string ZeroStdFraction = "group/zero_std_frac";

    public const string AdvantageMean = "adv/mean";
    public const string AdvantageMin = "adv/min";
    public const string AdvantageMax = "adv/max";

    public const string PolicyLoss = "loss/policy";

    /// <summary>Mean entropy of the policy's next-token distribution at trained positions, in nats.</summary>
    public const string Entropy = "loss/entropy";

    /// <summary>Importance ratio of the trained policy over the behaviour policy.</summary>
    public const string RatioMean = "ratio/mean";
    public const string RatioMax = "ratio/max";

    /// <summary>Fraction of trained tokens whose importance weight was clipped.</summary>
    public const string ClipFraction = "ratio/clip_frac";

    /// <summary>|log-prob by the trainer − by the rollout| over tokens, of completions whose whole KV has one version.</summary>
    public const string MismatchMean = "mismatch/logprob_abs_diff_mean";
    public const string MismatchMax = "mismatch/logprob_abs_diff_max";

    /// <summary>Schulman's k3 estimate of KL(rollout ‖ trainer).</summary>
    public const string MismatchK3 = "mismatch/k3_kl";

    /// <summary>Policy versions between a token's sampling and its training.</summary>
    public const string StalenessMean = "staleness/mean";
    public const string StalenessMax = "staleness/max";

    /// <summary>Groups dispatched and not yet trained (bounded by M).</summary>
    public const string InFlight = "sched/inflight";

    /// <summary>Finished groups that wait.</summary>
    public const string QueueDepth = "sched/queue_depth";

    /// <summary>Finished groups that may be taken, over the window's length W.</summary>
    public const string WindowOccupancy = "sched/window_occupancy";

    /// <summary>Seconds of this step in which something was finished but the window allowed nothing to be taken.</summary>
    public const string WindowBlocked = "sched/window_blocked_s";

    /// <summary>Seconds since the oldest group not yet taken was dispatched.</summary>
    public const string HeadAge = "sched/head_age_s";

    /// <summary>Groups that this step consumed without training.</summary>
    public const string Skipped = "sched/skipped";

    public const string PromptLength = "len/prompt";
    public const string ResponseLength = "len/response";

    /// <summary>Fraction of completions that a length limit cut off.</summary>
    public const string LengthClipped = "len/clip_ratio";

    public const string Turns = "agent/turns";
    public const string ToolCalls = "agent/tool_calls";

    /// <summary>Fraction of tool calls that gave an error.</summary>
    public const string ToolFailures = "agent/tool_fail_frac";

    /// <summary>(largest expert load − mean load) / mean load, the worst layer.</summary>
    public const string ExpertMaxViolation = "moe/max_violation";

    /// <summary>Standard deviation over mean of the expert loads, averaged over layers.</summary>
    public const string ExpertLoadVariation = "moe/load_cv";

    /// <summary>Experts that no token of the step chose, over all layers.</summary>
    public const string DeadExperts = "moe/dead_experts";

    /// <summary>Fraction of tokens for which rollout and trainer chose different experts in some layer.</summary>
    public const string RouteDisagreement = "moe/route_disagree_frac";

    /// <summary>Token rows computed, over those of one sequence per completion.</summary>
    public const string TreeTokensVersusCompletion = "tree/token_ratio_vs_completion";

    /// <summary>Token rows computed, over those of one sequence per append-only run of an episode.</summary>
    public const string TreeTokensVersusEpisode = "tree/token_ratio_vs_episode";

    /// <summary>Fraction of the operations of one sequence per completion that merging saved, forward and backward; negative when it costs.</summary>
    public const string TreeFlopsSaved = "tree/flops_saved";

    /// <summary>Packed batches of the step, and the boundaries at which they were cut because they were larger than the token budget.</summary>
    public const string TreePasses = "tree/passes";
    public const string TreeCuts = "tree/cuts";

    /// <summary>Largest |Δ log-prob| of sampled completions between the merged pass and a sequence of their own, now and then.</summary>
    public const string TreeExactness = "tree/exactness_max_dlogp";

    public const string GradientNorm = "optim/grad_norm";
    public const string LearningRate = "optim/lr";

    /// <summary>Token rows through the trainer's forward and backward pass, per second of training.</summary>
    public const string TrainedTokensPerSecond = "perf/tok_s";

    /// <summary>Response tokens that the rollout engine generated per second since the last step.</summary>
    public const string GeneratedTokensPerSecond = "perf/gen_tok_s";

    public const string StepTime = "time/step";
    public const string RolloutWaitTime = "time/rollout_wait";
    public const string TrainTime = "time/train";
    public const string PublishTime = "time/weight_sync";
    public const string EvaluationTime = "time/eval";
    public const string CheckpointTime = "time/ckpt";

    /// <summary>Prompt tokens found in the KV cache, over all prompt tokens.</summary>
    public const string PrefixHitRate = "cache/prefix_hit_rate";

    /// <summary>Prompt tokens taken over by id from earlier calls of the session; never tokenised again.</summary>
    public const string SplicedTokens = "tokens/spliced";

    /// <summary>Prompt tokens encoded from text: first prompts and tool results.</summary>
    public const string EncodedTokens = "tokens/encoded";

    /// <summary>Prompt tokens encoded from text because a client had rewritten the history before them.</summary>
    public const string ForkedTokens = "tokens/forked";

    /// <summary>Generated tokens that a rewritten history showed again as text.</summary>
    public const string RetokenisedTokens = "tokens/retokenised";

    /// <summary>Calls that started a new branch of their session.</summary>
    public const string Branches = "session/branches";

    /// <summary>Calls that a harness made beside its conversation (titles, summaries); not trained by default.</summary>
    public const string SideCalls = "session/aux_calls";

    /// <summary>Calls whose prompt filled the context.</summary>
    public const string Overflows = "session/overflows";

    /// <summary>Fraction of the time since the last step in which the rollout engine had nothing to decode.</summary>
    public const string RolloutIdle = "idle/rollout_ratio";

    /// <summary>Completions in the running batch, and requests that wait for a slot, at the end of the step.</summary>
    public const string RunningRequests = "cache/running";
    public const string WaitingRequests = "cache/waiting";
}
