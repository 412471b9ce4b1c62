using Microsoft.Extensions.Logging;

namespace Forge.Cli.Composition;

/// <summary>Everything that the composition of a run logs; events 6000–6999.</summary>
internal static partial class RunLog
{
    [LoggerMessage(6000, LogLevel.Information, "Started {Name} from step {Step}; SHA-256 of the resolved run file: {Hash}.")]
    public static partial void Started(ILogger logger, string name, string hash, long step);

    [LoggerMessage(6001, LogLevel.Information, "Ended after step {Step}: {End}.")]
    public static partial void Ended(ILogger logger, long step, string end);
}
