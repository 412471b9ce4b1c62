namespace Forge.Gateway.Protocols;

/// <summary>A call that is refused or failed; each view writes it in its own shape.</summary>
/// <param name="kind">What clients should make of it.</param>
/// <param name="message">What is wrong, where, the value, and what to do.</param>
/// <param name="param">The request's field that is wrong; null when it is no single one.</param>
/// <param name="inner">The cause.</param>
public sealed class ApiFaultException(ApiFaultKind kind, string message, string? param = null, Exception? inner = null) : Exception(message, inner)
{
    public ApiFaultKind Kind => kind;

    public string? Param => param;
}
