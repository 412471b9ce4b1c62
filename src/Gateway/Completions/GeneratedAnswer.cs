using Forge.Core.Ring;
using Forge.Gateway.Protocols;

namespace Forge.Gateway.Completions;

/// <summary>One answer: what is kept of it, and what the client is given.</summary>
/// <param name="Completion">As recorded.</param>
/// <param name="Choice">As given.</param>
internal sealed record GeneratedAnswer(Completion Completion, ApiChoice Choice);
