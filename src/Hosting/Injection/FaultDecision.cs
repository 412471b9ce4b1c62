namespace Forge.Hosting.Injection;

/// <summary>The fate of one call.</summary>
/// <param name="Kind">What happens to it.</param>
/// <param name="Delay">How late it starts.</param>
/// <param name="Messages">With <see cref="FaultKind.ErrorAfter"/>, how many messages of a stream come through.</param>
internal readonly record struct FaultDecision(FaultKind Kind, TimeSpan Delay, int Messages);
