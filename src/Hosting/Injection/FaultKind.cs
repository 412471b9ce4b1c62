namespace Forge.Hosting.Injection;

/// <summary>What happens to a call.</summary>
internal enum FaultKind
{
    None,
    Drop,
    ErrorBefore,
    ErrorAfter,
}
