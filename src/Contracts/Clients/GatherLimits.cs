namespace Forge.Contracts.Clients;

/// <summary>Bounds one gathered call.</summary>
/// <param name="Items">The most items.</param>
/// <param name="Bytes">The most bytes of several items; a larger item goes by itself.</param>
internal readonly record struct GatherLimits(int Items, long Bytes);
