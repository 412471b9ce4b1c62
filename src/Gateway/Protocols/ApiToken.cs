using System.Collections.Immutable;

namespace Forge.Gateway.Protocols;

/// <summary>One token of an answer.</summary>
/// <param name="Bytes">Its bytes; a token may be part of a character.</param>
/// <param name="LogProb">Natural logarithm of its probability in the distribution that it was drawn from.</param>
/// <param name="Top">The most likely tokens of that distribution, best first.</param>
public sealed record ApiToken(ImmutableArray<byte> Bytes, double LogProb, ImmutableArray<(ImmutableArray<byte> Bytes, double LogProb)> Top);
