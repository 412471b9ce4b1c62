namespace Forge.Core.Packing.Trees;

/// <summary>Finds the strand that continues a path.</summary>
/// <param name="Attach">The token that is continued, counted over all strands; −1 − root number at a root.</param>
/// <param name="Token">The next token id.</param>
/// <param name="RoutingHash">Hash of the next token's routing; equal hashes are compared in full.</param>
internal readonly record struct BranchKey(int Attach, int Token, int RoutingHash);
