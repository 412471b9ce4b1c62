using Forge.Gateway.Protocols;

namespace Forge.Gateway.Http;

/// <summary>One API at its path.</summary>
/// <param name="Path">Below the base URL, such as <c>/chat/completions</c>.</param>
/// <param name="Protocol">Its shapes.</param>
public sealed record ApiView(string Path, IApiProtocol Protocol)
{
    /// <summary>The APIs that agents speak.</summary>
    public static IReadOnlyList<ApiView> All { get; } = [.. ApiProtocols.ByPath.Select(pair => new ApiView(pair.Key, pair.Value))];
}
