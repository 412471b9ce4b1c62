using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.Gateway.Http;

/// <summary>Everything that the gateway's door logs; events 1000–1099.</summary>
internal static partial class FrontLog
{
    [LoggerMessage(1000, LogLevel.Information, "Agents reach the gateway at {Address}.")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(1001, LogLevel.Information, "{Request}: the client of {Path} left before its answer was whole; the answer waits for it.")]
    public static partial void ClientLeft(ILogger logger, string request, PathString path);

    [LoggerMessage(1002, LogLevel.Error, "{Request}: {Path} failed.")]
    public static partial void Failed(ILogger logger, Exception error, string request, PathString path);

    [LoggerMessage(1003, LogLevel.Error, "{Request}: the answer of {Path} is lost in the middle of its stream.")]
    public static partial void Lost(ILogger logger, Exception error, string request, PathString path);
}
