namespace Forge.Trainer.Batches;

/// <summary>Why a group is not trained on; stored in the consumption log and counted as <c>sched/dropped_{reason}</c>.</summary>
public static class SkipReason
{
    /// <summary>All returns are equal, so every advantage is zero.</summary>
    public const string NoVariance = "no_variance";

    /// <summary>Fewer than two episodes ended for reasons that may be trained on.</summary>
    public const string Failed = "failed";
}
