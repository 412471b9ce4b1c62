using System.Globalization;
using System.Text.Json;
using Forge.Core.Faults;

namespace Forge.Hosting.Keys;

/// <summary>
/// Reads keys files: <c>{"keys": [{"sha256": "…", "level": "run", "run": "…", "episode": "…", "expires": "2027-01-01T00:00:00Z"}]}</c>;
/// <c>run</c>, <c>episode</c> and <c>expires</c> where they apply.
/// </summary>
public static class KeyFile
{
    private const int HashCharacters = 64;
    private const long MostBytes = 1 << 20;

    /// <exception cref="ForgeException">The file is missing or not of this form; the message names the key.</exception>
    public static IEnumerable<KeyGrant> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new ForgeException($"The keys file '{path}' is over {MostBytes} bytes. Check security.keys_file.");
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 4 });
            return [.. document.RootElement.GetProperty("keys").EnumerateArray().Select((key, index) => Grant(path, key, index))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IOException)
        {
            throw new ForgeException($"The keys file '{path}' can't be used: {error.Message} Check security.keys_file; docs/security.md shows one.", error);
        }
    }

    private static KeyGrant Grant(string path, JsonElement key, int index)
    {
        string? Text(string name) => key.TryGetProperty(name, out var value) ? value.GetString() : null;
        var scope = (Text("level"), Text("run"), Text("episode")) switch
        {
            ("admin", null, null) => KeyScope.Admin,
            ("run", { Length: > 0 } run, null) => KeyScope.OfRun(run),
            ("episode", { Length: > 0 } run, { Length: > 0 } episode) => KeyScope.OfEpisode(run, episode),
            _ => throw new ForgeException($"Key {index} of '{path}' has no scope: level is admin, run (with run) or episode (with run and episode)."),
        };
        var hash = Text("sha256") is { Length: HashCharacters } text ? Convert.FromHexString(text)
            : throw new ForgeException($"Key {index} of '{path}' has no sha256 of {HashCharacters} hexadecimal digits.");
        var expires = Text("expires") is { } date ? DateTimeOffset.Parse(date, CultureInfo.InvariantCulture) : DateTimeOffset.MaxValue;
        return new KeyGrant(hash, scope, expires);
    }
}
