using Forge.Core.Faults;
using Forge.Hosting.RunFiles;
using Grpc.Core;

namespace Forge.Hosting.Faults;

/// <summary>The only place that decides what a failure looks like from outside: as an exit code, and as the status of a call.</summary>
/// <remarks>
/// A fault crosses a wire as a status and, in the trailer <c>forge-fault</c>, its row's name: the caller gets the exception type that it
/// would get in process. A status without the trailer comes from below the services (a dead peer, a deadline, a missing key).
/// </remarks>
public static class StatusTable
{
    /// <summary>The trailer that names a row.</summary>
    public const string FaultTrailer = "forge-fault";

    // Headers are bounded; a message beyond this loses its end.
    private const int LongestDetail = 4000;

    // The first row whose type fits is taken, so derived types stand before their bases.
    private static readonly FaultRow[] Rows =
    [
        new("torn-transfer", StatusCode.DataLoss, error => error is TornTransferException, message => new TornTransferException(message)),
        new("stale-attempt", StatusCode.FailedPrecondition, error => error is StaleAttemptException, message => new StaleAttemptException(message)),
        new("environment", StatusCode.FailedPrecondition, error => error is EnvironmentFaultException, message => new EnvironmentFaultException(message)),
        new("agent", StatusCode.InvalidArgument, error => error is AgentFaultException, message => new AgentFaultException(message)),
        new("overloaded", StatusCode.Unavailable, error => error is OverloadedException, message => new OverloadedException(message)),
        new("infrastructure", StatusCode.Unavailable, error => error is InfrastructureFaultException, message => new InfrastructureFaultException(message)),
        new("transient", StatusCode.Unavailable, error => error is ForgeException { IsTransient: true }, message => new ForgeException(message) { IsTransient = true }),
        new("fault", StatusCode.FailedPrecondition, error => error is ForgeException, message => new ForgeException(message)),
        new("cancelled", StatusCode.Cancelled, error => error is OperationCanceledException, message => new OperationCanceledException(message)),
        new("timeout", StatusCode.DeadlineExceeded, error => error is TimeoutException, message => new TimeoutException(message)),
        new("data", StatusCode.InvalidArgument, error => error is InvalidDataException, message => new InvalidDataException(message)),
        new("argument", StatusCode.InvalidArgument, error => error is ArgumentException, message => new ArgumentException(message)),
        new("key", StatusCode.NotFound, error => error is KeyNotFoundException, message => new KeyNotFoundException(message)),
        new("disposed", StatusCode.Unavailable, error => error is ObjectDisposedException, Transient),
        new("state", StatusCode.FailedPrecondition, error => error is InvalidOperationException, message => new InvalidOperationException(message)),
        new("unforeseen", StatusCode.Internal, _ => true, message => new ForgeException(message)),
    ];

    /// <summary>Says how a process ends that failed with <paramref name="error"/>.</summary>
    public static ExitCode ExitCodeFor(Exception error) => error switch
    {
        UsageException or RunFileException => ExitCode.Usage,
        OperationCanceledException => ExitCode.Interrupted,
        _ => ExitCode.Failure,
    };

    /// <summary>True when the message alone tells the user what to do; otherwise the stack trace belongs in the report too.</summary>
    public static bool SpeaksForItself(Exception error) => error is ForgeException
        or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or IOException or OperationCanceledException;

    /// <summary>What a service answers when its port throws <paramref name="error"/>.</summary>
    public static RpcException ToRpc(Exception error)
    {
        if (error is RpcException already)
        {
            return already;
        }

        var row = Rows.First(row => row.Fits(error));
        var detail = error.Message.Length > LongestDetail ? error.Message[..LongestDetail] + " …" : error.Message;
        return new RpcException(new Status(row.Code, detail, error), new Metadata { { FaultTrailer, row.Name } });
    }

    /// <summary>What a wire client throws when its call ended with <paramref name="error"/>.</summary>
    /// <param name="error">The call's end.</param>
    /// <param name="service">Who was called, for the message.</param>
    public static Exception FromRpc(RpcException error, string service)
    {
        var name = error.Trailers.GetValue(FaultTrailer);
        var row = name is null ? null : Rows.FirstOrDefault(row => row.Name == name);
        return row is not null ? row.Create(error.Status.Detail) : FromBelow(error, service);
    }

    private static Exception FromBelow(RpcException error, string service)
    {
        var detail = error.Status.Detail;
        return error.StatusCode switch
        {
            StatusCode.Cancelled => new OperationCanceledException($"The call to {service} was cancelled.", error),
            StatusCode.Unavailable => Transient($"{service} does not answer ({detail}). It may be starting again; 'forge ps' shows it.", error),
            StatusCode.DeadlineExceeded => Transient($"{service} did not answer in time ({detail}).", error),
            StatusCode.ResourceExhausted => new ForgeException(
                $"{service} refused the call for its size or number ({detail}). Its limits are in the run file's security section.", error),
            StatusCode.Unauthenticated or StatusCode.PermissionDenied => new ForgeException(
                $"{service} refused this process's key ({detail}). Both must read the same security.token or security.token_file.", error),
            StatusCode.Unimplemented => new ForgeException(
                $"{service} does not know the call ({detail}). Another version of Forge, or another service, listens at its address.", error),
            _ => new ForgeException($"{service} ended the call with {error.StatusCode}: {detail}", error),
        };
    }

    private static InfrastructureFaultException Transient(string message) => Transient(message, null);

    private static InfrastructureFaultException Transient(string message, Exception? inner) => new(message, inner);
}
