using System.Collections.Immutable;

namespace Forge.Core.Harnesses;

/// <summary>What the gateway recorded of an episode that a program played.</summary>
/// <param name="Calls">One for each completion that the data pool keeps, in the order of their turns: rewards are aligned to them.</param>
/// <param name="Limit">The limit for which the gateway refused a call, such as <c>max_turns</c>; null when it refused none.</param>
/// <param name="Fault">What kept the gateway from answering the program's last call, when that was the machinery's fault; null otherwise.</param>
public sealed record HarnessTrace(ImmutableArray<HarnessCall> Calls, string? Limit, string? Fault);
