using Microsoft.Extensions.Logging;

namespace Forge.Hosting.Services;

/// <summary>Everything that hosting logs; events 7000–7999.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(7000, LogLevel.Information, "{Service} is ready on {Addresses}.")]
    public static partial void Ready(ILogger logger, ServiceName service, string addresses);

    [LoggerMessage(7001, LogLevel.Information, "{Service} is ending; it has {Timeout} to finish or hand back its work.")]
    public static partial void Draining(ILogger logger, ServiceName service, TimeSpan timeout);

    [LoggerMessage(7002, LogLevel.Warning, "{Service} did not finish within {Timeout}; left behind: {Unfinished}. "
        + "What was acknowledged is kept; raise services.drain_timeout.")]
    public static partial void DrainRanOut(ILogger logger, ServiceName service, TimeSpan timeout, string unfinished);

    [LoggerMessage(7003, LogLevel.Error, "{Part} could not end in good order.")]
    public static partial void DrainFailed(ILogger logger, Exception error, string part);

    [LoggerMessage(7004, LogLevel.Information, "{Service} has ended.")]
    public static partial void Stopped(ILogger logger, ServiceName service);
}
