namespace Forge.DataPool.Replay;

/// <summary>What the policy that trains on recorded groups can take.</summary>
/// <param name="Vocabulary">Token ids are below this.</param>
/// <param name="Context">Most tokens of a prompt and its response together.</param>
public sealed record ReplayLimits(int Vocabulary, int Context);
