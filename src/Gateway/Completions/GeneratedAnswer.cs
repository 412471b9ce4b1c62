using Forge.Core.Ring;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Completions;

/// <summary>One answer: what is kept of it, and what the client is given.</summary>
/// <param name="Completion">As recorded.</param>
/// <param name="Choice">As given.</param>
/// <param name="Malformed">It holds a broken tool call, or thinking that does not end.</param>
internal sealed record GeneratedAnswer(Completion Completion, ApiChoice Choice, bool Malformed);
