using Grpc.Core;

namespace Forge.Hosting.Faults;

/// <summary>One kind of fault on both sides of a wire.</summary>
/// <param name="Name">What the trailer says; never reused for another kind.</param>
/// <param name="Code">The status of the call.</param>
/// <param name="Fits">Whether an exception is of this kind.</param>
/// <param name="Create">Makes the caller's exception from the message.</param>
internal sealed record FaultRow(string Name, StatusCode Code, Func<Exception, bool> Fits, Func<string, Exception> Create);
