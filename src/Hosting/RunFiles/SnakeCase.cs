using System.Text.Json;

namespace Forge.Hosting.RunFiles;

/// <summary>Spells C# names the way run files do: <c>MaxNewTokens</c> is <c>max_new_tokens</c>.</summary>
internal static class SnakeCase
{
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
