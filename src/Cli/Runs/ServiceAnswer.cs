using Forge.Hosting.Health;

namespace Forge.Cli.Runs;

/// <summary>What a service said when it was asked for its status.</summary>
/// <param name="Status">Its answer; null when it gave none.</param>
/// <param name="Problem">Why there is none.</param>
internal sealed record ServiceAnswer(ServiceStatus? Status, string? Problem);
