using Microsoft.Extensions.Logging;

namespace Forge.Rollout;

/// <summary>Everything the rollout service logs; events 5000–5999.</summary>
internal static partial class RolloutLog
{
    [LoggerMessage(5000, LogLevel.Warning, "The trainer started again from an older checkpoint: the engine goes back from policy version {From} to {To}.")]
    public static partial void WentBack(ILogger logger, long from, long to);
}
