using Microsoft.Extensions.Logging;

namespace Forge.Trainer;

/// <summary>Everything the trainer logs; events 4000–4999.</summary>
internal static partial class TrainerLog
{
    [LoggerMessage(4000, LogLevel.Information, "Resumed from {Folder} at step {Step}.")]
    public static partial void Resumed(ILogger logger, string folder, long step);

    [LoggerMessage(4001, LogLevel.Warning, "Passed over the checkpoint {Folder}: {Reason}")]
    public static partial void CheckpointPassedOver(ILogger logger, string folder, string reason);

    [LoggerMessage(4002, LogLevel.Warning, "Step {Step} has a gradient norm of {Norm}; the weights were left as they are.")]
    public static partial void GradientNotFinite(ILogger logger, long step, double norm);
}
